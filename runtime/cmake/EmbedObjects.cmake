# cmake -DOBJECTS=a.o|b.o -DOUTPUT=file.cpp -P EmbedObjects.cmake
# Writes a C++ file that defines heddle::runtimeObjects() (RuntimeObjects.h) with
# the bytes of the given object files, in the order of their names.

string(REPLACE "|" ";" objects "${OBJECTS}")
list(SORT objects COMPARE FILE_BASENAME)
set(arrays "")
set(entries "")
set(index 0)
foreach(object IN LISTS objects)
  get_filename_component(name "${object}" NAME) # team.c.o
  string(REGEX REPLACE "\\.c\\.o(bj)?$" ".o" name "${name}")
  file(READ "${object}" bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(APPEND arrays "alignas(16) const uint8_t object${index}[] = {\n${bytes}};\n")
  string(APPEND entries "    {\"hd1_${name}\", object${index}},\n")
  math(EXPR index "${index} + 1")
endforeach()

file(WRITE "${OUTPUT}" "// Written by EmbedObjects.cmake.
#include \"runtime/RuntimeObjects.h\"

namespace heddle {
namespace {
${arrays}
const RuntimeObject objects[] = {
${entries}};
} // namespace

llvm::ArrayRef<RuntimeObject> runtimeObjects() { return objects; }
} // namespace heddle
")
