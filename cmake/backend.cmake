# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# wasi_tls_backend(<name> [LAST] SOURCES <file>... LINK <library>... REQUIRES <pkg-config module>...
#                  PACKAGES <CMake package>...)
# Called once by backends/<name>/CMakeLists.txt. The engine's vtable is the object wasi_tls_backend_<name>.
# LINK is what the libraries link; REQUIRES and PACKAGES are what a user of the static library has to find.
# LAST is for an engine whose library exports names of others': it comes behind theirs, so that they find their own.
function(wasi_tls_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "LAST" "" "SOURCES;LINK;REQUIRES;PACKAGES")
  wasi_tls_objects(wasi_tls_backend_${name} ${arg_SOURCES})
  target_link_libraries(wasi_tls_backend_${name} PRIVATE ${arg_LINK})
  set(where "")
  if(arg_LAST)
    set(where "_last")
  endif()
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_link${where} ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_requires${where} ${arg_REQUIRES})
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_packages ${arg_PACKAGES})
endfunction()

# wasi_tls_backend_list(<link|requires|packages> <variable>): of all engines, in the order in which they are searched.
function(wasi_tls_backend_list what variable)
  get_property(first GLOBAL PROPERTY wasi_tls_backend_${what})
  get_property(last GLOBAL PROPERTY wasi_tls_backend_${what}_last)
  set(${variable} ${first} ${last} PARENT_SCOPE)
endfunction()

# Stops the configuration: an engine was asked for whose library is not there.
function(wasi_tls_backend_missing name debian_package)
  message(FATAL_ERROR
    "The engine \"${name}\" was asked for (WASI_TLS_BACKENDS), but its library was not found. "
    "On Debian and Ubuntu: apt-get install ${debian_package}")
endfunction()
