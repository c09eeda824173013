# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/api/wasi_tls DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(libraries wasi_tls_static wasi_tls_shared)
set(pkg_config_files wasi-tls)
if(TARGET wasi_tls_adapters)
  list(APPEND libraries wasi_tls_adapters_static wasi_tls_adapters_shared)
  list(APPEND pkg_config_files wasi-tls-adapters)
endif()
install(TARGETS ${libraries} EXPORT wasi-tls-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# find_package(wasi-tls)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/wasi-tls)
wasi_tls_backend_list(packages WASI_TLS_STATIC_PACKAGES)
list(REMOVE_DUPLICATES WASI_TLS_STATIC_PACKAGES)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/wasi-tls-config.cmake.in
  ${PROJECT_BINARY_DIR}/wasi-tls-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/wasi-tls-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/wasi-tls-config.cmake ${PROJECT_BINARY_DIR}/wasi-tls-config-version.cmake
  DESTINATION ${package_dir})
install(EXPORT wasi-tls-targets NAMESPACE wasi-tls:: DESTINATION ${package_dir})

# pkg-config. The prefix is found from where the file lies, so that `cmake --install --prefix` may choose it.
wasi_tls_backend_list(requires WASI_TLS_PC_REQUIRES)
list(REMOVE_DUPLICATES WASI_TLS_PC_REQUIRES)
list(JOIN WASI_TLS_PC_REQUIRES " " WASI_TLS_PC_REQUIRES)
if(IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
  set(WASI_TLS_PC_PREFIX ${CMAKE_INSTALL_PREFIX})
else()
  cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
    OUTPUT_VARIABLE up)
  set(WASI_TLS_PC_PREFIX "\${pcfiledir}/${up}")
endif()
foreach(dir IN ITEMS LIBDIR INCLUDEDIR)
  set(WASI_TLS_PC_${dir} "\${prefix}")
  cmake_path(APPEND WASI_TLS_PC_${dir} ${CMAKE_INSTALL_${dir}})
endforeach()
foreach(name IN LISTS pkg_config_files)
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
