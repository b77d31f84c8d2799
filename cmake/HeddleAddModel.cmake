# heddle_add_model(<target>
#                  FILE model.heddle
#                  [WEIGHTS file...]        safetensors files, or the index of a sharded checkpoint
#                  [WEIGHTS_PREFIX text]    stands before every weight's path
#                  [CONFIG config.json]
#                  [SET name=value...]      config entries
#                  [TARGETS name...]        x86-64-v2, x86-64-v3, x86-64-v4, native; default: all but the last
#                  [WEIGHTS_FILE])          weights beside the archive, not in it
#
# A static library: what links it can include <target>.h, and links the C library's
# parts that models need. It is compiled again when the model, its weights, its
# configuration or the compiler changes, and so when files change that the model
# uses or that an index names. With WEIGHTS_FILE the target's property
# HEDDLE_WEIGHTS_FILE is the path of the file that the program must name when it
# opens the model. Paths are relative to the current source folder.

cmake_policy(VERSION 3.16) # whatever the project asks for; in this file only

# The files that `files` stand for: an index of a sharded checkpoint names others.
function(_heddle_checkpoint_files result)
  set(all)
  foreach(file IN LISTS ARGN)
    list(APPEND all "${file}")
    if(file MATCHES "\\.json$")
      get_filename_component(folder "${file}" DIRECTORY)
      file(READ "${file}" text)
      string(REGEX MATCHALL "\"[^\"/]+\\.safetensors\"" shards "${text}")
      foreach(shard IN LISTS shards)
        string(REPLACE "\"" "" shard "${shard}")
        list(APPEND all "${folder}/${shard}")
      endforeach()
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES all)
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

# The model and all that it uses (`use "other.heddle"`), relative to the file that
# says so. What cannot be found is the compiler's to say.
function(_heddle_model_files result model)
  set(all)
  set(left "${model}")
  while(left)
    list(GET left 0 file)
    list(REMOVE_AT left 0)
    if("${file}" IN_LIST all)
      continue()
    endif()
    list(APPEND all "${file}")
    if(NOT EXISTS "${file}")
      continue()
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    get_filename_component(folder "${file}" DIRECTORY)
    file(STRINGS "${file}" uses REGEX "^[ \t]*use[ \t]+\"[^\"]+\"")
    foreach(use IN LISTS uses)
      string(REGEX REPLACE "^[^\"]*\"([^\"]+)\".*$" "\\1" path "${use}")
      get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${folder}")
      if(EXISTS "${path}")
        list(APPEND left "${path}")
      endif()
    endforeach()
  endwhile()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

function(heddle_add_model target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WEIGHTS_FILE" "FILE;CONFIG;WEIGHTS_PREFIX" "WEIGHTS;SET;TARGETS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "heddle_add_model(${target}): unknown argument \"${arg_UNPARSED_ARGUMENTS}\"")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "heddle_add_model(${target}): ${arg_KEYWORDS_MISSING_VALUES} needs a value")
  endif()
  if(NOT arg_FILE)
    message(FATAL_ERROR "heddle_add_model(${target}): FILE names the model, model.heddle")
  endif()
  if(TARGET ${target})
    message(FATAL_ERROR "heddle_add_model(${target}): there is a target of this name already")
  endif()

  foreach(name IN ITEMS FILE CONFIG WEIGHTS)
    set(paths)
    foreach(path IN LISTS arg_${name})
      get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
      get_source_file_property(generated "${path}" GENERATED)
      if(NOT generated AND NOT EXISTS "${path}")
        message(FATAL_ERROR "heddle_add_model(${target}): there is no file ${path}")
      endif()
      list(APPEND paths "${path}")
    endforeach()
    set(arg_${name} "${paths}")
  endforeach()
  _heddle_checkpoint_files(checkpoint ${arg_WEIGHTS})
  _heddle_model_files(model "${arg_FILE}")

  set(folder "${CMAKE_CURRENT_BINARY_DIR}/heddle/${target}")
  set(archive "${folder}/${target}.a")
  set(outputs "${archive}" "${folder}/${target}.h")
  set(command "${arg_FILE}" -o "${archive}")
  foreach(path IN LISTS arg_WEIGHTS)
    list(APPEND command --weights "${path}")
  endforeach()
  if(arg_WEIGHTS_PREFIX)
    list(APPEND command --weights-prefix "${arg_WEIGHTS_PREFIX}")
  endif()
  if(arg_CONFIG)
    list(APPEND command --config "${arg_CONFIG}")
  endif()
  foreach(entry IN LISTS arg_SET)
    list(APPEND command --set "${entry}")
  endforeach()
  if(arg_TARGETS)
    string(REPLACE ";" "," names "${arg_TARGETS}")
    list(APPEND command --target "${names}")
  endif()
  if(arg_WEIGHTS_FILE)
    list(APPEND outputs "${folder}/${target}.weights")
    list(APPEND command --weights-file "${folder}/${target}.weights")
  endif()

  file(MAKE_DIRECTORY "${folder}") # an include folder has to be there
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND Heddle::heddle compile ${command}
    DEPENDS ${model} ${arg_CONFIG} ${checkpoint} "$<TARGET_FILE:Heddle::heddle>"
    COMMENT "Compiling the model ${target}"
    VERBATIM)
  add_custom_target(${target}-compile DEPENDS ${outputs})
  add_library(${target} STATIC IMPORTED GLOBAL)
  add_dependencies(${target} ${target}-compile)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION "${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${folder}"
    INTERFACE_LINK_LIBRARIES "m;Threads::Threads")
  if(arg_WEIGHTS_FILE)
    set_target_properties(${target} PROPERTIES HEDDLE_WEIGHTS_FILE "${folder}/${target}.weights")
  endif()
endfunction()
