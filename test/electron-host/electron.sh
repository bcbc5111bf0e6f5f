#!/bin/sh
# Stands in for the electron executable: takes the same command line, runs the app's main bundle on Node and Debian's Chromium.
here=$(dirname "$(readlink -f "$0")")
node_options=
switches=
while [ $# -gt 0 ]; do
  case "$1" in
    --version) echo v0.0.0-host; exit ;;
    -r) node_options="$node_options -r $2"; shift 2 ;;
    --inspect=* | --inspect-brk=*) node_options="$node_options $1"; shift ;;
    --*) switches="$switches $1"; shift ;;
    *) break ;;
  esac
done
# In a package there is no app to name.
[ $# -gt 0 ] || set -- "$here/resources/app"
export ELECTRON_HOST_SWITCHES="$switches"
# shellcheck disable=SC2086 # a list of words
exec node -r "$here/host.cjs" $node_options "$here/boot.cjs" "$@"
