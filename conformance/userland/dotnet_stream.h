// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// System.Net.Security.SslStream as userland would write it over the interface: the members that the mapping of the
// interface to .NET lists, under their own names.
#ifndef WASI_TLS_CONFORMANCE_DOTNET_STREAM_H
#define WASI_TLS_CONFORMANCE_DOTNET_STREAM_H

#include <stdexcept>

#include "userland.h"

namespace conformance::dotnet {

// A certificate with its private key, and the certificates above it.
using X509Certificate2 = Chain;
using RemoteChain = std::vector<Bytes>;

struct IOException : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct NotSupportedException : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct InvalidOperationException : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct AuthenticationException : std::runtime_error {
  explicit AuthenticationException(wasi_tls_result why) : std::runtime_error(wasi_tls_result_name(why)), result(why) {}
  wasi_tls_result result;
};

enum class X509RevocationMode { NoCheck, Online, Offline };
enum class EncryptionPolicy { RequireEncryption, AllowNoEncryption, NoEncryption };
enum class SslProtocols { None = 0, Tls12 = WASI_TLS_VERSION_TLS12, Tls13 = WASI_TLS_VERSION_TLS13 };

// What both roles have. Of the last six only these values can be had; any other is refused.
struct AuthenticationOptions {
  std::vector<std::string> ApplicationProtocols;
  std::function<bool(const RemoteChain &chain)> RemoteCertificateValidationCallback;
  bool AllowRenegotiation = false;
  bool AllowTlsResume = false;
  X509RevocationMode CertificateRevocationCheckMode = X509RevocationMode::NoCheck;
  std::optional<std::vector<wasi_tls_cipher_suite>> CipherSuitesPolicy;
  SslProtocols EnabledSslProtocols = SslProtocols::None;
  EncryptionPolicy Encryption = EncryptionPolicy::RequireEncryption;
};

struct SslClientAuthenticationOptions : AuthenticationOptions {
  std::string TargetHost;
  std::vector<X509Certificate2> ClientCertificates;
  X509Certificate2 ClientCertificateContext;
  std::function<X509Certificate2(const std::string &target_host, const std::vector<X509Certificate2> &local,
                                 const std::vector<Bytes> &acceptable_issuers)>
      LocalCertificateSelectionCallback;
};

struct SslClientHelloInfo {
  std::string ServerName;
};

struct SslServerAuthenticationOptions : AuthenticationOptions {
  bool ClientCertificateRequired = false;
  X509Certificate2 ServerCertificate;
  X509Certificate2 ServerCertificateContext;
  std::function<X509Certificate2(const SslClientHelloInfo &hello)> ServerCertificateSelectionCallback;
};

// The stream below. |host| is what the embedder has configured, which is none of the platform's business.
struct Inner {
  Pump *pump;
  Wire *wire;
  Options host;
};

using AsyncCallback = std::function<void()>;

class SslStream {
 public:
  explicit SslStream(Inner inner, bool leave_inner_stream_open = false);
  SslStream(const SslStream &) = delete;

  // Start and come back; a callback tells of the end. Those without Async also wait, and throw what went wrong.
  void AuthenticateAsClientAsync(SslClientAuthenticationOptions options);
  void AuthenticateAsClient(SslClientAuthenticationOptions options);
  void BeginAuthenticateAsClient(SslClientAuthenticationOptions options, AsyncCallback callback);
  void EndAuthenticateAsClient() const;
  void AuthenticateAsServerAsync(SslServerAuthenticationOptions options);
  void AuthenticateAsServer(SslServerAuthenticationOptions options);
  void BeginAuthenticateAsServer(SslServerAuthenticationOptions options, AsyncCallback callback);
  void EndAuthenticateAsServer() const;
  // The handshake's outcome so far.
  wasi_tls_result Authenticated() const;
  void NegotiateClientCertificateAsync(std::function<void(wasi_tls_result)> then);

  bool IsAuthenticated() const;
  bool IsEncrypted() const {
    return IsAuthenticated();
  }
  bool IsSigned() const {
    return IsAuthenticated();
  }
  bool IsMutuallyAuthenticated() const;
  bool IsServer() const {
    return server_ != nullptr;
  }
  RemoteChain LocalCertificate() const;
  RemoteChain RemoteCertificate() const;
  std::string NegotiatedApplicationProtocol() const;
  wasi_tls_cipher_suite NegotiatedCipherSuite() const;
  SslProtocols SslProtocol() const;
  std::string TargetHostName() const;
  bool CheckCertRevocationStatus() const {
    return false;
  }

  // 1 to |count| bytes, or none at the end of the stream.
  void ReadAsync(size_t count, std::function<void(Bytes)> then);
  void ReadAtLeastAsync(size_t count, size_t minimum, std::function<void(Bytes)> then);
  void ReadExactlyAsync(size_t count, std::function<void(Bytes)> then);
  void BeginRead(size_t count, AsyncCallback callback);
  Bytes EndRead();
  Bytes Read(size_t count);
  Bytes ReadAtLeast(size_t count, size_t minimum);
  Bytes ReadExactly(size_t count);
  int ReadByte();
  void WriteAsync(Bytes bytes, AsyncCallback then = nullptr);
  void BeginWrite(Bytes bytes, AsyncCallback callback);
  void EndWrite();
  void Write(Bytes bytes);
  void WriteByte(uint8_t byte);
  void FlushAsync(AsyncCallback then);
  void Flush();
  void CopyToAsync(SslStream *destination, AsyncCallback then);
  void CopyTo(SslStream *destination);
  // close_notify; reading goes on.
  void ShutdownAsync();
  void Close();
  void Dispose() {
    Close();
  }
  void DisposeAsync() {
    Close();
  }

  bool CanRead() const;
  bool CanWrite() const;
  bool CanTimeout() const {
    return true;
  }
  bool CanSeek() const {
    return false;
  }
  // Milliseconds; -1 waits for ever. Where nothing can move any more, time passes at once.
  int ReadTimeout = -1;
  int WriteTimeout = -1;
  size_t Position() const;
  [[noreturn]] void Seek(int64_t offset) const;
  [[noreturn]] int64_t Length() const;
  [[noreturn]] void SetLength(int64_t length) const;
  const Inner &InnerStream() const {
    return inner_;
  }
  bool LeaveInnerStreamOpen() const {
    return leave_inner_stream_open_;
  }

  // What every object of the platform has.
  std::string ToString() const {
    return GetType();
  }
  std::string GetType() const {
    return "System.Net.Security.SslStream";
  }
  bool Equals(const SslStream &other) const {
    return this == &other;
  }
  size_t GetHashCode() const {
    return std::hash<const SslStream *>()(this);
  }
  [[noreturn]] void GetLifetimeService() const;
  [[noreturn]] void InitializeLifetimeService() const;
  [[noreturn]] void CreateObjRef() const;
  [[noreturn]] void CreateWaitHandle() const;
  [[noreturn]] void MemberwiseClone() const;
  void ObjectInvariant() const {}

 private:
  const PrivateIdentity *own(const X509Certificate2 &certificate);
  Chosen own_all(const std::vector<X509Certificate2> &certificates);
  ClientPlan plan_of(SslClientAuthenticationOptions options);
  ServerPlan plan_of(SslServerAuthenticationOptions options);
  const Peer &peer() const;
  Peer &peer();
  void wait(const bool &over, int timeout);
  void throw_unless_authenticated() const;
  bool read_some(size_t count, size_t minimum, Bytes *bytes, wasi_tls_waker waker);

  Inner inner_;
  bool leave_inner_stream_open_;
  std::unique_ptr<GuestClient> client_;
  std::unique_ptr<GuestServer> server_;
  AsyncCallback callback_;
  Bytes read_;
  bool read_over_ = false;
  wasi_tls_result read_failure_ = WASI_TLS_OK;
  bool write_over_ = false;
  // Where the identities live that were made for this stream.
  std::vector<std::unique_ptr<PrivateIdentity>> identities_;
};

}  // namespace conformance::dotnet

#endif
