#ifndef AERIE_COMMON_TESTING_CERTIFICATES_H_
#define AERIE_COMMON_TESTING_CERTIFICATES_H_

#include <string>

namespace aerie::testing {

// A certificate for a test, and its key, as PEM files.
struct CertificateFiles {
  std::string certificate;
  std::string key;
};

// Writes `<stem>.crt` and `<stem>.key`: a new key, and a certificate for it
// that it has signed itself, good for an hour. `name` is its common name; its
// alternative name is `alternative` (`DNS:a.test`, `URI:spiffe://test/a`), or
// the DNS name `name`.
CertificateFiles WriteCertificate(const std::string& stem,
                                  const std::string& name,
                                  const std::string& alternative = {});

}  // namespace aerie::testing

#endif  // AERIE_COMMON_TESTING_CERTIFICATES_H_
