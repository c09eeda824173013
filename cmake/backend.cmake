# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# wasi_tls_backend(<name> SOURCES <file>... LINK <library>... REQUIRES <pkg-config module>... PACKAGES <CMake package>...)
# Called once by backends/<name>/CMakeLists.txt. The engine's vtable is the object wasi_tls_backend_<name>.
# LINK is what the libraries link; REQUIRES and PACKAGES are what a user of the static library has to find.
function(wasi_tls_backend name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;REQUIRES;PACKAGES")
  wasi_tls_objects(wasi_tls_backend_${name} ${arg_SOURCES})
  target_link_libraries(wasi_tls_backend_${name} PRIVATE ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_link ${arg_LINK})
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_requires ${arg_REQUIRES})
  set_property(GLOBAL APPEND PROPERTY wasi_tls_backend_packages ${arg_PACKAGES})
endfunction()

# Stops the configuration: an engine was asked for whose library is not there.
function(wasi_tls_backend_missing name debian_package)
  message(FATAL_ERROR
    "The engine \"${name}\" was asked for (WASI_TLS_BACKENDS), but its library was not found. "
    "On Debian and Ubuntu: apt-get install ${debian_package}")
endfunction()
