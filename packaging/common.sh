# What the recipes share. The same sources and SOURCE_DATE_EPOCH, by default the
# time of the last commit, give the same bytes.
set -euo pipefail
export LC_ALL=C
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${SOURCE_DATE_EPOCH:=$(git -C "$top" log -1 --format=%ct 2>/dev/null || echo 0)}"
: "${VERSION:=0.$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y%m%d)}"
export SOURCE_DATE_EPOCH
arch=$(go env GOARCH)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# programs DIR: builds static programs into DIR.
programs() {
	(cd "$top" && CGO_ENABLED=0 GOOS=linux go build -trimpath -buildvcs=false -ldflags="-s -w -buildid= -X main.packaged=$VERSION" \
		-o "$1/" ./cmd/nfvm ./cmd/nftc)
}

# manuals DIR: makes manual pages and completions of what the programs tell.
manuals() {
	mkdir -p "$1/man/man8" "$1/bash-completion/completions"
	(
		cd "$top"
		for name in nfvm nftc; do
			GOARCH= go run -buildvcs=false "./cmd/$name" --help >"$work/help"
			GOARCH= go run ./packaging/manual man "$name" 8 <"$work/help" | gzip -n9 >"$1/man/man8/$name.8.gz"
			GOARCH= go run ./packaging/manual bash "$name" <"$work/help" >"$1/bash-completion/completions/$name"
		done
	)
}

# settle DIR: gives all files the time and the modes that they have in the end.
settle() {
	find "$1" -type d -exec chmod 755 {} +
	find "$1" -type f -perm /100 -exec chmod 755 {} +
	find "$1" -type f ! -perm /100 -exec chmod 644 {} +
	find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}
