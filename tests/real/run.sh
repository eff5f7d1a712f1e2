#!/usr/bin/env bash
# Installs a real ComfyUI 0.3.75 (CPU, tiny random-weight models) below .cache/comfyui and runs the suite on it.
# Arguments go to pytest. Where it cannot be installed the suite is skipped, with the reason; in CI that fails.
set -euo pipefail
cd "$(dirname "$0")/../.."

dir=${EASEL_COMFYUI_DIR:-.cache/comfyui}
mkdir -p .cache
if ! bash tests/real/kit/setup.sh "$dir" >.cache/comfyui-setup.log 2>&1; then
    tail -n 5 .cache/comfyui-setup.log >&2
    echo "skipped: a real ComfyUI could not be installed here (see .cache/comfyui-setup.log)" >&2
    [ -z "${CI:-}" ]
    exit
fi
EASEL_COMFYUI_DIR=$(cd "$dir" && pwd)
export EASEL_COMFYUI_DIR

# one server for the contract suite, which only needs an address; tests/real starts those that it kills
exec 3< <(exec python3 tests/real/kit/serve.py --port 0 --dir "$dir" --data .cache/comfyui-data)
server=$!
trap 'kill $server; wait $server' EXIT
read -r about <&3
EASEL_REAL_COMFYUI=$(python3 -c 'import json, sys; print(json.loads(sys.argv[1])["url"])' "$about")
export EASEL_REAL_COMFYUI
.venv/bin/python -m pytest -m real tests/real tests/contract "$@"
