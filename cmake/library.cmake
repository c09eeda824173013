# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# wasi_tls_objects(<target> <source>...): compiles sources once, for the static and the shared library.
function(wasi_tls_objects target)
  add_library(${target} OBJECT ${ARGN})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/api)
  target_compile_definitions(${target} PRIVATE WASI_TLS_BUILDING)
  wasi_tls_warnings(${target})
endfunction()

# wasi_tls_library(<prefix> NAME <file name> SYMBOLS <version script> OBJECTS <object library>...): makes
# <prefix>_static and <prefix>_shared.
function(wasi_tls_library prefix)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;SYMBOLS" "OBJECTS")
  add_library(${prefix}_static STATIC)
  add_library(${prefix}_shared SHARED)
  foreach(target IN ITEMS ${prefix}_static ${prefix}_shared)
    foreach(objects IN LISTS arg_OBJECTS)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
    endforeach()
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${arg_NAME} LINKER_LANGUAGE C)
    target_include_directories(${target} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/api> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  endforeach()
  target_compile_definitions(${prefix}_static INTERFACE WASI_TLS_STATIC)
  set_target_properties(${prefix}_shared PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0)
  wasi_tls_hold_exports(${prefix}_shared ${arg_SYMBOLS})
endfunction()

# Exports what the version script lists and nothing else, and lets nothing stay undefined.
function(wasi_tls_hold_exports target script)
  if(UNIX AND NOT APPLE)
    target_link_options(${target} PRIVATE LINKER:--version-script=${script})
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${script})
    if(NOT WASI_TLS_SANITIZE)
      target_link_options(${target} PRIVATE LINKER:--no-undefined)
    endif()
  endif()
endfunction()
