# How Heddle's own libraries and tools are built.

set(HEDDLE_WARNINGS -Wall -Wextra -Wno-unused-parameter
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-misleading-indentation>)
if(HEDDLE_WERROR)
  list(APPEND HEDDLE_WARNINGS -Werror)
endif()
if(HEDDLE_SANITIZE)
  # A CMake list or the compiler's own spelling, alike. No vptr check: it wants
  # type information, and LLVM is built without. What the checks of undefined
  # behaviour find ends the program, so that a test fails by it.
  string(REPLACE ";" "," sanitizers "${HEDDLE_SANITIZE}")
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize=vptr
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${sanitizers})
endif()

# heddle_add_library(name SOURCES file... [LINK target...] [DEPENDS target...] [PLAIN])
# A static library. Libraries that see MLIR share one precompiled header; PLAIN
# ones (LLVM Support only, Halide, or neither) have none.
function(heddle_add_library name)
  cmake_parse_arguments(arg "PLAIN" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${HEDDLE_WARNINGS})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
  if(NOT arg_PLAIN)
    target_link_libraries(${name} PUBLIC heddle_mlir)
    target_precompile_headers(${name} REUSE_FROM heddle_pch)
  endif()
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
endfunction()

# heddle_add_tool(name SOURCES file... [LINK target...]): an executable in bin/.
function(heddle_add_tool name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_options(${name} PRIVATE ${HEDDLE_WARNINGS})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  # A name for each build, by which the cache of kernels knows what made an object.
  target_link_options(${name} PRIVATE LINKER:--build-id=sha1)
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
endfunction()

# The headers that most files of the compiler read, parsed once.
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp.in "// Holds the precompiled header.\n")
configure_file(${PROJECT_BINARY_DIR}/pch.cpp.in ${PROJECT_BINARY_DIR}/pch.cpp COPYONLY)
add_library(heddle_pch STATIC ${PROJECT_BINARY_DIR}/pch.cpp)
target_compile_options(heddle_pch PRIVATE ${HEDDLE_WARNINGS})
target_link_libraries(heddle_pch PUBLIC heddle_mlir)
target_precompile_headers(heddle_pch PRIVATE
  <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/BuiltinTypes.h>
  <mlir/IR/Diagnostics.h> <mlir/IR/DialectImplementation.h>
  <mlir/IR/OpImplementation.h> <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h> <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/Math/IR/Math.h>
  <llvm/ADT/StringMap.h> <llvm/Support/raw_ostream.h>
  <optional> <string> <vector> <map> <functional>)
