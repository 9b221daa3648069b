# SPDX-License-Identifier: Apache-2.0
# What every file of muster is compiled with, and how a room of the house is declared.

add_library(muster_options INTERFACE)
target_include_directories(muster_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(muster_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wimplicit-fallthrough -ffunction-sections -fdata-sections)
target_link_options(muster_options INTERFACE -Wl,--gc-sections)
if(MUSTER_WERROR)
  target_compile_options(muster_options INTERFACE -Werror)
endif()
if(MUSTER_SANITIZE)
  target_compile_options(muster_options INTERFACE
    -fsanitize=${MUSTER_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(muster_options INTERFACE -fsanitize=${MUSTER_SANITIZE})
endif()
if(MUSTER_FUZZ)
  target_compile_options(muster_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(MUSTER_COVERAGE)
  target_compile_options(muster_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
  target_link_options(muster_options INTERFACE -fprofile-instr-generate)
endif()

# muster_room(NAME SOURCES file... [DEPENDS library...]): the library muster_NAME of one folder.
function(muster_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(muster_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(muster_${name} PUBLIC muster_options ${ROOM_DEPENDS})
endfunction()
