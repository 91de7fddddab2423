"""External packages taken from the distribution, under their customary labels.

Headers lie in /usr/include, which the compiler searches by itself, so each
target only says what to link.
"""

load("//deploy/bazel:offline.bzl", "files_repository")

_PUBLIC = 'package(default_visibility = ["//visibility:public"])\n'

# Every Abseil library Debian ships that our targets can reach. --as-needed
# keeps those a binary does not use out of it.
_ABSL_LIBS = [
    "flags_parse",
    "flags_usage",
    "flags_usage_internal",
    "flags_internal",
    "flags_marshalling",
    "flags_reflection",
    "flags_config",
    "flags_program_name",
    "flags_private_handle_accessor",
    "flags_commandlineflag",
    "flags_commandlineflag_internal",
    "failure_signal_handler",
    "examine_stack",
    "leak_check",
    "random_distributions",
    "random_seed_sequences",
    "random_internal_pool_urbg",
    "random_internal_randen",
    "random_internal_randen_hwaes",
    "random_internal_randen_hwaes_impl",
    "random_internal_randen_slow",
    "random_internal_platform",
    "random_internal_seed_material",
    "random_seed_gen_exception",
    "statusor",
    "status",
    "raw_hash_set",
    "hashtablez_sampler",
    "hash",
    "city",
    "low_level_hash",
    "bad_any_cast_impl",
    "bad_optional_access",
    "bad_variant_access",
    "cord",
    "cordz_info",
    "cordz_handle",
    "cordz_functions",
    "cord_internal",
    "exponential_biased",
    "str_format_internal",
    "synchronization",
    "graphcycles_internal",
    "stacktrace",
    "symbolize",
    "debugging_internal",
    "demangle_internal",
    "malloc_internal",
    "time",
    "civil_time",
    "time_zone",
    "strerror",
    "strings",
    "strings_internal",
    "int128",
    "base",
    "spinlock_wait",
    "throw_delegate",
    "raw_logging_internal",
    "log_severity",
]

_ABSL_TARGETS = {
    "algorithm": ["container"],
    "base": ["core_headers", "log_severity"],
    "cleanup": ["cleanup"],
    "container": ["btree", "fixed_array", "flat_hash_map", "flat_hash_set", "inlined_vector", "node_hash_map"],
    "debugging": ["failure_signal_handler", "stacktrace", "symbolize"],
    "flags": ["flag", "parse", "usage"],
    "functional": ["any_invocable", "bind_front", "function_ref"],
    "hash": ["hash"],
    "memory": ["memory"],
    "numeric": ["bits", "int128"],
    "random": ["random"],
    "status": ["status", "statusor"],
    "strings": ["cord", "str_format", "strings"],
    "synchronization": ["synchronization"],
    "time": ["time"],
    "types": ["optional", "span", "variant"],
}

def _cc(name, linkopts = [], deps = []):
    return "cc_library(name = %r, linkopts = %r, deps = %r)\n" % (name, linkopts, deps)

def _absl_files():
    files = {"BUILD": _PUBLIC + _cc(
        "absl",
        ["-Wl,--push-state,--as-needed"] + ["-labsl_" + lib for lib in _ABSL_LIBS] + ["-Wl,--pop-state", "-pthread"],
    )}
    for package, names in _ABSL_TARGETS.items():
        files["absl/%s/BUILD" % package] = _PUBLIC + "".join([_cc(n, deps = ["//:absl"]) for n in names])
    return files

def system_packages():
    """Declares the distribution's libraries under their customary labels."""
    files_repository(
        name = "com_google_absl",
        files = _absl_files(),
    )
    files_repository(
        name = "com_google_protobuf",
        files = {"BUILD": _PUBLIC + _cc("protobuf", ["-lprotobuf", "-pthread"])},
    )
    files_repository(
        name = "com_github_grpc_grpc",
        files = {"BUILD": _PUBLIC + _cc(
            "grpc++",
            ["-lgrpc++", "-lgrpc", "-lgpr"],
            ["@com_google_absl//:absl", "@com_google_protobuf//:protobuf"],
        ) + _cc("grpc++_reflection", ["-lgrpc++_reflection"], [":grpc++"])},
    )
    files_repository(
        name = "com_google_googletest",
        files = {"BUILD": _PUBLIC +
                          _cc("gtest", ["-lgmock", "-lgtest", "-pthread"]) +
                          _cc("gtest_main", ["-lgmock_main"], [":gtest"])},
    )
    files_repository(
        name = "boost",
        files = {"BUILD": _PUBLIC + _cc("beast", ["-pthread"])},
    )
    files_repository(
        name = "openssl",
        files = {"BUILD": _PUBLIC + _cc("ssl", ["-lssl", "-lcrypto"])},
    )
    files_repository(
        name = "zlib",
        files = {"BUILD": _PUBLIC + _cc("zlib", ["-lz"])},
    )
    files_repository(
        name = "jemalloc",
        # With --no-as-needed: nothing refers to it by name.
        files = {"BUILD": _PUBLIC + _cc("jemalloc", ["-Wl,--push-state,--no-as-needed", "-ljemalloc", "-Wl,--pop-state"])},
    )
    files_repository(
        name = "com_github_jbeder_yaml_cpp",
        files = {"BUILD": _PUBLIC + _cc("yaml-cpp", ["-lyaml-cpp"])},
    )
    files_repository(
        name = "com_github_gabime_spdlog",
        # The headers belong to the shared libraries only with these macros.
        files = {"BUILD": _PUBLIC + """
cc_library(
    name = "spdlog",
    defines = [
        "SPDLOG_COMPILED_LIB",
        "SPDLOG_FMT_EXTERNAL",
        "SPDLOG_SHARED_LIB",
    ],
    linkopts = [
        "-lspdlog",
        "-lfmt",
    ],
)
"""},
    )
    files_repository(
        name = "com_github_jupp0r_prometheus_cpp",
        files = {"BUILD": _PUBLIC + _cc("core", ["-lprometheus-cpp-core"])},
    )
    files_repository(
        name = "com_github_nlohmann_json",
        files = {"BUILD": _PUBLIC + _cc("json")},
    )
