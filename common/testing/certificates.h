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
// that it has signed itself, good for an hour, whose common name and DNS name
// are `name`.
CertificateFiles WriteCertificate(const std::string& stem,
                                  const std::string& name);

}  // namespace aerie::testing

#endif  // AERIE_COMMON_TESTING_CERTIFICATES_H_
