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
EASEL_COMFYUI_DIR=$(cd "$dir" && pwd) exec .venv/bin/python -m pytest -m real tests/real tests/contract "$@"
