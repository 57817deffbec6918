#!/usr/bin/env bash
# Has verifiers that we did not write check what the ledger exports: Go's
# x/mod (signed notes, proofs, tiles, cosignatures) and pymerkle (roots), at
# the sizes where the layout changes; and the same tools must refuse every
# change. Installs what it needs from Debian and PyPI.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! command -v go >/dev/null || [ ! -d /usr/share/gocode/src/golang.org/x/mod ] ||
    ! python3 -c 'import ensurepip' 2>/dev/null; then
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    $sudo apt-get update -qq
    $sudo apt-get install -y -qq --no-install-recommends golang-go golang-golang-x-mod-dev python3-venv >/dev/null
fi
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pymerkle==7.0.0
GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$work/go" GOFLAGS= \
    go build -o "$work/verify" scripts/public-verifiers/verify.go
cargo run --quiet --release -p tickmark-ledger --example public_vectors -- "$work/vectors"

python="$work/venv/bin/python scripts/public-verifiers/verify.py"
vectors=$work/vectors
{ read -r log; read -r witness; } <"$vectors/keys"
accepted=0
refused=0

accept() {
    "$@" || { echo "should be accepted: $*" >&2; exit 1; }
    accepted=$((accepted + 1))
}
refuse() {
    if "$@" 2>/dev/null; then echo "should be refused: $*" >&2; exit 1; fi
    refused=$((refused + 1))
}

older=()
for size in 0 1 2 255 256 257 600 65535 65536 65537 100000; do
    accept "$work/verify" folder "$vectors/$size" "$log" "$witness" "${older[@]}"
    accept $python root "$vectors/$size"
    older+=("$vectors/$size/checkpoint")
    for proof in "$vectors/$size-proofs"/*.tlog-proof; do
        [ -e "$proof" ] || continue
        accept "$work/verify" proof "$proof" "${proof%.tlog-proof}.leaf.json" "$log" "$witness"
    done
done
accept $python bodies "$vectors/package"

# One changed byte anywhere must be refused.
change() {
    printf '%b' "$(printf '\\x%02x' $(($(od -An -tu1 -j"$2" -N1 "$1") ^ 1)))" |
        dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
for file in checkpoint tile/0/000 tile/0/001 tile/1/000.p/2 tile/entries/000 tile/entries/002.p/88; do
    rm -rf "$work/changed"
    cp -r "$vectors/600" "$work/changed"
    change "$work/changed/$file" 60
    refuse "$work/verify" folder "$work/changed" "$log" "$witness"
done
cp "$vectors/600-proofs/entry-256.tlog-proof" "$work/changed.tlog-proof"
refuse "$work/verify" proof "$work/changed.tlog-proof" "$vectors/600-proofs/entry-255.leaf.json" "$log" "$witness"
change "$work/changed.tlog-proof" 60
refuse "$work/verify" proof "$work/changed.tlog-proof" "$vectors/600-proofs/entry-256.leaf.json" "$log" "$witness"
rm -rf "$work/changed"
cp -r "$vectors/600" "$work/changed"
change "$work/changed/tile/entries/001" 99
refuse $python root "$work/changed"
cp -r "$vectors/package" "$work/changed-package"
change "$work/changed-package/bodies.ndjson" 40
refuse $python bodies "$work/changed-package"

echo "public verifiers: $accepted accepted, $refused changed ones refused, all as they should"
