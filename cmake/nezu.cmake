# The few build functions of the project.

# Without optimisation most of the time goes into reading headers, so the fuzz preset reads the standard ones
# once a target; the other presets see to it that every file includes what it needs.
function(nezu_precompile name sources)
  list(LENGTH sources files)
  if(NEZU_FUZZ AND files GREATER 5)
    target_precompile_headers(${name} PRIVATE <algorithm> <chrono> <deque> <filesystem> <fstream> <functional> <map>
                              <memory> <optional> <set> <sstream> <string> <unordered_map> <variant> <vector> ${ARGN})
  endif()
endfunction()

# nezu_library(NAME SOURCES... [LIBS libs...] [PROTOS files...])
# A static library whose headers are included from the top of the tree ("configdb/tree.h").
function(nezu_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;PROTOS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LIBS})
  nezu_precompile(${name} "${ARG_SOURCES}")
  foreach(proto ${ARG_PROTOS})
    get_filename_component(stem ${proto} NAME_WE)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/${stem}.pb)
    file(RELATIVE_PATH rel ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${proto})
    add_custom_command(
      OUTPUT ${out}.cc ${out}.h
      COMMAND protobuf::protoc --proto_path=${PROJECT_SOURCE_DIR} --cpp_out=${PROJECT_BINARY_DIR}
              ${PROJECT_SOURCE_DIR}/${rel}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${proto} protobuf::protoc
      VERBATIM)
    target_sources(${name} PRIVATE ${out}.cc ${out}.h)
    set_source_files_properties(${out}.cc PROPERTIES COMPILE_OPTIONS "-Wno-shadow;-Wno-error")
  endforeach()
  if(ARG_PROTOS)
    target_link_libraries(${name} PUBLIC protobuf::libprotobuf-lite)
  endif()
endfunction()

# nezu_test(NAME SOURCES... LIBS... [PROPERTIES name value...]): a GoogleTest program, each of its cases
# a ctest of its own with these properties. Under sanitizers, where starting costs more than most cases,
# the whole program is one; GTEST_FILTER chooses among its cases.
function(nezu_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS;PROPERTIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest_main GTest::gmock)
  target_compile_definitions(${name} PRIVATE NEZU_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                             NEZU_BINARY_DIR="${PROJECT_BINARY_DIR}")
  add_dependencies(${name} nezu-schema)
  nezu_precompile(${name} "${ARG_SOURCES}" <gmock/gmock.h> <gtest/gtest.h>)
  # What is tested is optimised in full, not the cases: a third of the time it takes to compile them.
  target_compile_options(${name} PRIVATE $<$<CONFIG:RelWithDebInfo>:-O1>)
  if(NEZU_SANITIZE)
    add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600 ${ARG_PROPERTIES})
  else()
    include(GoogleTest)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 ${ARG_PROPERTIES})
  endif()
endfunction()

# nezu_fuzz(fuzz-NAME SOURCES... LIBS...): a libFuzzer target, built by the fuzz preset only.
add_custom_target(fuzz-targets)
function(nezu_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  if(NEZU_FUZZ)
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE ${ARG_LIBS})
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_dependencies(${name} nezu-schema)
    add_dependencies(fuzz-targets ${name})
  endif()
endfunction()

# nezu_bench(NAME SOURCES... LIBS...): a program under bin/ that prints ratios; never part of ctest.
function(nezu_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS})
  add_dependencies(${name} nezu-schema)
endfunction()
