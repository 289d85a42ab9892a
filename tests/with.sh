#!/bin/sh
# Runs a test with its interpreter, or skips it and says why.
#
#   with.sh PACKAGE PROGRAM ARGUMENT...     PROGRAM: "no" if configure found none
package=$1 program=$2
shift 2
if [ "$program" = no ]; then
    echo "skipped: $package is missing (on Debian: apt-get install $package)"
    exit 77
fi
exec "$program" "$@"
