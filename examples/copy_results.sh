#!/usr/bin/env bash
# Keeps a copy of a task's results in a file of one instance a line.
#
#   usage: examples/copy_results.sh [--full] BASE_URL API_KEY TASK_ID FILE
#
# --full fetches everything by an export and checks number and digest. Without it only what changed since the last time
# is fetched by the change feed, everything at the first time; the place is kept in FILE.cursor. The key needs the scope
# results:read. Needs curl, jq and sha256sum.
set -euo pipefail

full=""
[ "${1-}" != --full ] || { full=1; shift; }
[ "$#" = 4 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
base=$1 key=$2 task=$3 file=$4
root=$base/api/integration/rest/v1/tasks/$task/test-instances
# Tries again when the server is away or asks to wait (429 and 503 come with Retry-After, which curl obeys).
fetch() { curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --header "Authorization: Bearer $key" "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "$full" ]; then
  fetch "$root/export?mode=detailed" >"$work/lines"
  head -n -1 "$work/lines" >"$work/rows"
  trailer=$(tail -n 1 "$work/lines")
  [ "$(jq .count <<<"$trailer")" = "$(wc -l <"$work/rows")" ] || { echo 'the export is not whole' >&2; exit 1; }
  [ "$(jq -r .sha256 <<<"$trailer")" = "$(sha256sum "$work/rows" | cut -d' ' -f1)" ] || { echo 'the export is damaged' >&2; exit 1; }
  mv "$work/rows" "$file"
  exit
fi

touch "$file"
cursor=$(cat "$file.cursor" 2>/dev/null || true)
more=true
: >"$work/changes"
while [ "$more" = true ]; do
  fetch "$root/changes?mode=detailed&limit=1000${cursor:+&since=$cursor}" >"$work/run"
  jq -c '.changes[] | {testInstanceId, testInstance}' "$work/run" >>"$work/changes"
  cursor=$(jq -r .cursor "$work/run") more=$(jq .hasMore "$work/run")
done
# Later lines replace earlier ones; an instance that is null is gone.
jq -c '{testInstanceId, testInstance: .}' "$file" | cat - "$work/changes" |
  jq -cn 'reduce inputs as $one ({}; .[$one.testInstanceId] = $one.testInstance) | .[] | select(. != null)' >"$work/rows"
# First the rows, then the place: what is broken off between the two is merely fetched once more.
mv "$work/rows" "$file"
echo "$cursor" >"$file.cursor"
