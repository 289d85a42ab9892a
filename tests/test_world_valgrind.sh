#!/bin/sh
# Several worlds in one process under valgrind: no error, and nothing lost. What
# libns3 itself does is in valgrind.supp.
set -eu
builddir=${TOP_BUILDDIR:-.}
srcdir=${TOP_SRCDIR:-$(dirname "$0")/..}
case ${VALGRIND:-no} in
no)
    echo "skipped: valgrind is missing (on Debian: apt-get install valgrind)"
    exit 77
    ;;
esac
if nm "$builddir/tests/test_world" 2>/dev/null | grep -q __asan_init; then
    echo "skipped: built with AddressSanitizer, which finds leaks itself"
    exit 77
fi
CK_FORK=no CK_RUN_CASE=several CK_DEFAULT_TIMEOUT=0 "$VALGRIND" --quiet \
    --leak-check=full --show-leak-kinds=definite,indirect,possible \
    --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=9 \
    --suppressions="$srcdir/tests/valgrind.supp" "$builddir/tests/test_world"
