#ifndef AERIE_BROKER_AUTH_CONNECT_PARAMS_H_
#define AERIE_BROKER_AUTH_CONNECT_PARAMS_H_

#include "absl/strings/string_view.h"
#include "proto/aerie/v1/edge_link.pb.h"

namespace aerie::broker {

// The value of a connect param, empty when there is none; of several, the last
// one counts. Pure: any thread.
inline absl::string_view ConnectParam(const v1::Connect& request,
                                      absl::string_view name) {
  for (int i = request.params_size() - 1; i >= 0; --i) {
    if (request.params(i).name() == name) return request.params(i).value();
  }
  return absl::string_view();
}

}  // namespace aerie::broker

#endif  // AERIE_BROKER_AUTH_CONNECT_PARAMS_H_
