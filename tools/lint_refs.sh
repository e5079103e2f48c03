#!/bin/sh
# Every local `PyObject *` that a call initialises is AUTO_DECREF, or says that it is BORROWED.
#
# usage: tools/lint_refs.sh BUILD FILE...
# BUILD is the build folder, for the compilation database.  Exits with 77 (skipped) where
# clang-query is not installed.
set -eu
build=$1
shift
query=$(command -v clang-query || command -v clang-query-14) || exit 77

database=$(mktemp -d)
trap 'rm -r "$database"' EXIT
# An option of gcc's that clang refuses.
sed 's/ -fno-canonical-system-headers//g' "$build/compile_commands.json" \
    >"$database/compile_commands.json"

# `static` locals outlive the scope; a TAKE, a cast and parentheses are looked through.
rule='match varDecl(isExpansionInMainFile(), hasLocalStorage(), unless(parmVarDecl()),
  hasType(asString("PyObject *")), hasInitializer(ignoringParenCasts(anyOf(callExpr(),
    conditionalOperator(anyOf(hasTrueExpression(ignoringParenCasts(callExpr())),
      hasFalseExpression(ignoringParenCasts(callExpr()))))))),
  unless(hasAttr("attr::Cleanup")), unless(hasAttr("attr::Annotate")))'

found=$("$query" -p "$database" --extra-arg=-Wno-everything \
    -c 'set output diag' -c "$(printf %s "$rule" | tr '\n' ' ')" "$@" 2>&1) || {
    printf '%s\n' "$found"
    exit 1
}
case $found in
*error:*)
    printf '%s\n' "$found"
    exit 1
    ;;
esac
printf '%s\n' "$found" | sed -n 's/: note: "root" binds here/: neither AUTO_DECREF nor BORROWED/p'
! printf '%s\n' "$found" | grep -q '"root" binds here'
