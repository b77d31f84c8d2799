# The compiler's dependencies: MLIR and LLVM 22 as Debian's shared libraries,
# Halide 21 from its PyPI wheel.

find_package(MLIR 22.1 REQUIRED CONFIG
             HINTS /usr/lib/llvm-22/lib/cmake/mlir NO_DEFAULT_PATH)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR) # for mlir_tablegen only

# mlir_tablegen reads its include path from the directory property.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
include_directories(${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})

# The one place that names MLIR and LLVM. Never link their archives: those name
# the shared libraries in turn, and a program with two LLVMs crashes.
add_library(heddle_llvm INTERFACE)
target_include_directories(heddle_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(heddle_llvm INTERFACE ${_definitions})
target_link_libraries(heddle_llvm INTERFACE LLVM)

add_library(heddle_mlir INTERFACE)
target_include_directories(heddle_mlir SYSTEM INTERFACE ${MLIR_INCLUDE_DIRS})
target_link_libraries(heddle_mlir INTERFACE MLIR heddle_llvm)

# Halide's own CMake package would look for Python, PNG and JPEG, and Debian's
# older one would reset LLVM_DIR; a plain imported target needs neither.
set(HEDDLE_HALIDE_ROOT "" CACHE PATH "folder of the Halide wheel, <site-packages>/halide")
find_path(HEDDLE_HALIDE_INCLUDE Halide.h HINTS ${HEDDLE_HALIDE_ROOT}/include
          NO_DEFAULT_PATH REQUIRED)
find_library(HEDDLE_HALIDE_LIBRARY Halide
             HINTS ${HEDDLE_HALIDE_ROOT}/lib64 ${HEDDLE_HALIDE_ROOT}/lib
             NO_DEFAULT_PATH REQUIRED)
add_library(heddle_halide SHARED IMPORTED GLOBAL)
set_target_properties(heddle_halide PROPERTIES
  IMPORTED_LOCATION ${HEDDLE_HALIDE_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${HEDDLE_HALIDE_INCLUDE})

find_package(Threads REQUIRED)
