// ThreadSanitizer does not see how the distribution's gRPC and Protocol Buffers
// synchronise, since they are built without it: it reports races in what our
// own code instantiates of their templates. What runs inside a gRPC callback is
// therefore not checked; logic lives elsewhere and is tested there.
// NOLINTNEXTLINE(bugprone-reserved-identifier): ThreadSanitizer's name for it.
extern "C" const char* __tsan_default_suppressions() {
  return "race:grpc::\n"
         "race:grpc_core::\n"
         "race:grpc_event_engine::\n"
         "race:google::protobuf::\n";
}
