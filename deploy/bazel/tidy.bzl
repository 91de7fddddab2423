"""clang-tidy over C++ targets: `bazel build --config=tidy //edge/...`.

An aspect, so that Bazel keeps the verdict on each file until the file, a header
of it or .clang-tidy changes.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_COMPILE_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# GCC's own; clang stops at them.
_UNKNOWN_TO_CLANG = ["-fno-canonical-system-headers"]

def _flags(ctx, compilation):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts,
        include_directories = compilation.includes,
        quote_include_directories = compilation.quote_includes,
        system_include_directories = compilation.system_includes,
        preprocessor_defines = depset(transitive = [
            compilation.defines,
            compilation.local_defines,
        ]),
    )
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = CPP_COMPILE_ACTION_NAME,
        variables = variables,
    )
    return [flag for flag in flags if flag not in _UNKNOWN_TO_CLANG]

def _tidy_impl(target, ctx):
    # Generated code and other repositories' are not ours to tidy.
    if CcInfo not in target or target.label.workspace_name:
        return [OutputGroupInfo(tidy = depset())]
    sources = [
        source
        for attribute in getattr(ctx.rule.attr, "srcs", [])
        for source in attribute.files.to_list()
        if source.is_source and source.extension == "cc"
    ]
    compilation = target[CcInfo].compilation_context
    flags = _flags(ctx, compilation)
    verdicts = []
    for source in sources:
        verdict = ctx.actions.declare_file("%s.%s.tidy" % (ctx.label.name, source.basename))
        verdicts.append(verdict)
        ctx.actions.run_shell(
            # Paths are told as they stand in the source tree.
            command = """out="$1"; shift
clang-tidy-14 --quiet "$@" >"$out" 2>&1 || { sed "/warnings.* generated/d; s#$PWD/\\(\\./\\)\\?##g" "$out"; exit 1; }
""",
            arguments = [
                verdict.path,
                "--config-file=" + ctx.file._config.path,
                source.path,
                "--",
            ] + flags + ["-Wno-unknown-warning-option"],
            inputs = depset(
                [source, ctx.file._config] + _private_headers(ctx),
                transitive = [compilation.headers],
            ),
            outputs = [verdict],
            mnemonic = "ClangTidy",
            progress_message = "Tidying " + source.short_path,
            use_default_shell_env = True,
        )
    return [OutputGroupInfo(tidy = depset(verdicts))]

# Headers among the sources are in nobody's interface.
def _private_headers(ctx):
    return [
        header
        for attribute in getattr(ctx.rule.attr, "srcs", [])
        for header in attribute.files.to_list()
        if header.extension == "h"
    ]

tidy = aspect(
    implementation = _tidy_impl,
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
