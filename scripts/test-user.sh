#!/bin/sh
# test-user.sh: an ordinary user with subordinate ids, for the tests of builds without
# root. Any user that has them will do; a machine with root alone gets one.
set -eu
grep -qs : /etc/subuid && grep -qs : /etc/subgid && exit 0
echo "Adding the user proofmark-test, which has subordinate ids"
useradd --create-home --shell /bin/sh proofmark-test
grep -qs '^proofmark-test:' /etc/subuid || usermod --add-subuids 300000-365535 --add-subgids 300000-365535 proofmark-test
