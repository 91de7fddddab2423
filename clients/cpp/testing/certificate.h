#ifndef AERIE_CLIENTS_CPP_TESTING_CERTIFICATE_H_
#define AERIE_CLIENTS_CPP_TESTING_CERTIFICATE_H_

#include <string>

namespace aerie::client {

// PEM files of a certificate that is its own authority.
struct Certificate {
  std::string cert_file;
  std::string key_file;
};

// Makes one for a DNS name, in the test's directory, valid for an hour.
Certificate WriteCertificate(const std::string& name);

}  // namespace aerie::client

#endif  // AERIE_CLIENTS_CPP_TESTING_CERTIFICATE_H_
