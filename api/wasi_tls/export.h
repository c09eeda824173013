/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception */
/**
 * @file export.h
 * Version of the library and the attributes that its declarations carry.
 */
#ifndef WASI_TLS_EXPORT_H
#define WASI_TLS_EXPORT_H

/** Version of the headers. Compare with wasi_tls_version() for that of the library in use. */
#define WASI_TLS_VERSION_MAJOR 0
#define WASI_TLS_VERSION_MINOR 1
#define WASI_TLS_VERSION_PATCH 0

#if defined(__GNUC__) || defined(__clang__)
#define WASI_TLS_NODISCARD __attribute__((warn_unused_result))
#define WASI_TLS_VISIBLE __attribute__((visibility("default")))
#else
#define WASI_TLS_NODISCARD
#define WASI_TLS_VISIBLE
#endif

#if defined(_WIN32) && !defined(WASI_TLS_STATIC)
#ifdef WASI_TLS_BUILDING
#define WASI_TLS_API __declspec(dllexport)
#else
#define WASI_TLS_API __declspec(dllimport)
#endif
#else
#define WASI_TLS_API WASI_TLS_VISIBLE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The library's version as "major.minor.patch". Static storage; any thread. */
WASI_TLS_API const char *wasi_tls_version(void);

#ifdef __cplusplus
}
#endif

#endif
