#!/usr/bin/env bash
# The whole walk with curl: import a test, make a task, add a candidate, sit the test, evaluate, list the result.
#
#   usage: examples/walk.sh BASE_URL API_KEY [DOCUMENT]
#
# BASE_URL is where assay serves, for example http://127.0.0.1:8080; API_KEY a key with the scope `manage`.
# Needs curl and jq. Prints what it does on standard error and the listed result on standard output.
set -euo pipefail

base=${1:?usage: walk.sh BASE_URL API_KEY [DOCUMENT]}
key=${2:?usage: walk.sh BASE_URL API_KEY [DOCUMENT]}
here=$(cd "$(dirname "$0")" && pwd)
document=${3:-$here/desk-screening.json}
say() { printf '%s\n' "$*" >&2; }

# Sends JSON (or nothing) and prints the body; a refusal is shown and ends the walk.
send() { # METHOD PATH AUTHORIZATION [BODY]
  local method=$1 path=$2 token=$3 body=${4-}
  local arguments=(--silent --show-error --fail-with-body --request "$method" "$base$path")
  [ -z "$token" ] || arguments+=(--header "Authorization: Bearer $token")
  [ -z "$body" ] || arguments+=(--header 'Content-Type: application/json' --data-binary "$body")
  curl "${arguments[@]}" || { say ""; say "refused: $method $path"; return 1; }
}
manage() { send "$1" "/api/management/v1$2" "$key" "${3-}"; }
sit() { send "$1" "/api/delivery/v1$2" "$token" "${3-}"; }

say "1. import the test"
test=$(manage POST /tests "@$document" | jq -r .testId)

say "2. put it into a task"
task=$(manage POST /tasks "$(jq -n --arg test "$test" '{title: "Walk", steps: [{test: $test, title: "Desk screening"}]}')" | jq -r .taskId)

say "3. add a candidate"
code=$(manage POST "/tasks/$task/candidates" \
  '{"kind":"temporary-candidate","fullname":"Ada Example","externalId":"EMP-7","tags":{"City":"Izmir"}}' | jq -r .invitationCode)

say "4. the candidate enters with the code $code and starts"
token=""
token=$(sit POST /enter "$(jq -n --arg code "$code" '{invitationCode: $code}')" | jq -r .token)
step=$(sit GET /steps | jq -r '.steps[0].stepId')
instance=$(sit POST "/steps/$step/start" '{"clientToken":"walk-start"}' | jq -r .instanceId)

say "5. reads the questions, page by page, and answers"
view=""
slot() { # QUESTION_TEXT -> its slot number; questions may be shown in any order
  jq -er --arg text "$1" '[.. | objects | select(.slot? and .text? == $text)][0].slot' <<<"$view"
}
seq=0
page() { # a page's questions are sent once it was entered
  sit POST "/instances/$instance/page" "{\"page\":$1,\"confirm\":true}" >/dev/null
  view=$(sit GET "/instances/$instance/test")
}
answer() { # QUESTION_TEXT RESPONSE
  local writes
  seq=$((seq + 1)) # every write of an instance gets a higher number
  writes=$(jq -n --argjson slot "$(slot "$1")" --argjson seq "$seq" --argjson response "$2" \
    '{writes: [{slot: $slot, seq: $seq, response: $response}]}')
  sit POST "/instances/$instance/answers" "$writes" | jq -c '.acknowledgements[0]' >&2
}
page 1
answer 'Which of these equal one half?' '["a","d"]'
answer 'What is 12.5 % of 98?' '"12.1"'
page 2
answer 'Match each share with its percentage.' '{"i1":"o1","i2":"o4"}'
page 3
answer 'The report is due in an hour. You ...' '["b"]'
answer 'Explain your choice to a colleague.' '"I send it now because the figures were checked yesterday."'
essay=$(slot 'Explain your choice to a colleague.')

say "6. hands in"
sit POST "/instances/$instance/complete" '{"clientToken":"walk-complete","confirm":true}' | jq -c . >&2

say "7. a person evaluates the essay with 62.5 %"
manage POST "/tasks/$task/instances/$instance/evaluations" \
  "$(jq -n --argjson slot "$essay" --argjson seq "$seq" '{clientToken: "walk-evaluate", evaluations: [{slot: $slot, seq: $seq, percentage: 62.5}]}')" >/dev/null

say "8. the result, as an integrator lists it"
send GET "/api/integration/rest/v1/tasks/$task/test-instances?mode=detailed" "$key"
