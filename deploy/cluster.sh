#!/usr/bin/env bash
# A Dask cluster for lvzhi: a scheduler here, and workers on machines that see the same data folder at the same path.
#
#   deploy/cluster.sh ADDRESS WORKERS [HOST ...]
#
# ADDRESS is this machine's own address in the private network; WORKERS the processes on each machine, one a core. Without a HOST the
# workers run here; each HOST is reached by ssh, and must have this checkout with its environment (.venv) at the same path.
# Ends with Ctrl-C, and the workers with it.
set -euo pipefail
address=${1:?address of this machine} workers=${2:?worker processes on each machine}
shift 2
cd "$(dirname "$0")/.."
here=$PWD
scheduler=tcp://$address:${PORT:-8786}
# A worker that takes more than its share of the memory is started again; its batches go to others.
command="exec .venv/bin/dask worker $scheduler --nworkers $workers --nthreads 1 --memory-limit auto --no-dashboard --death-timeout 60"

started=()
trap 'kill "${started[@]}" 2>/dev/null || true' EXIT
.venv/bin/dask scheduler --host "$address" --port "${PORT:-8786}" --no-dashboard &
started+=($!)
if [ $# -eq 0 ]; then
    bash -c "$command" &
    started+=($!)
fi
for host in "$@"; do
    # -tt: the worker ends with the connection.
    ssh -tt "$host" "cd '$here' && $command" </dev/null &
    started+=($!)
done
echo "run: .venv/bin/lvzhi ingest FOLDER --data /shared/lvzhi --on dask://$address:${PORT:-8786}"
wait -n
