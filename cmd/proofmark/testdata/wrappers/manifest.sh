#!/bin/sh
# The last build of each name, from the manifest.
set -eu
$PACKER build web.json > /dev/null
jq -r '.last_run_uuid as $last | .builds[] | select(.packer_run_uuid == $last) | [.name, .builder_type, .artifact_id, .custom_data.version] | @tsv' manifest.json | sort
jq -r '.builds[] | select(.name == "web").files[] | "\(.name) \(.size)"' manifest.json
jq '[.builds[].build_time] | all(. > 1600000000)' manifest.json
