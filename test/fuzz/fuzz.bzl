"""fuzz_target: a program that libFuzzer drives."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def fuzz_target(name, srcs, deps, copts = []):
    """A libFuzzer program; its seeds lie in corpus/<name>.

    Only builds with --config=fuzz. test/fuzz/run finds it by its tag.

    Args:
      name: of the target, ends in _fuzz.
      srcs: one of them defines LLVMFuzzerTestOneInput.
      deps: what it tests.
      copts: of its own sources.
    """
    cc_binary(
        name = name,
        srcs = srcs,
        copts = copts,
        linkopts = ["-fsanitize=fuzzer"],
        tags = [
            "fuzz",
            "manual",
        ],
        testonly = True,
        deps = deps,
    )
