#!/usr/bin/env bash
# Builds the image and tries what docs/install/server.md promises of it, where no base image can be pulled: on bases made by
# debootstrap, with buildah and podman from Debian. As root. Needs node_modules (npm ci), npm, the PostgreSQL that the tests take
# (testkit/postgres.ts), and the packages
#
#   apt-get install --no-install-recommends buildah podman runc debootstrap
#
# TRY_ROOTFS=DIR takes a Debian made earlier instead (debootstrap --variant=minbase --include=ca-certificates bookworm DIR).
# Everything is made in one folder of its own, which is gone at the end. Takes about two minutes. Ends with 77 where no Debian
# can be fetched: then nothing was tried.
set -euo pipefail
# Debian keeps debootstrap where not every PATH of root looks.
PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

for program in buildah podman runc debootstrap npm; do
  command -v $program >/dev/null || { echo "try-image: $program is missing. The first lines of this script say what to install." >&2; exit 1; }
done
if [[ $EUID -ne 0 ]]; then echo "try-image: it has to be root, to make a base and to run containers as other users." >&2; exit 1; fi
if [[ ! -x node_modules/node/bin/node ]]; then echo "try-image: run npm ci first." >&2; exit 1; fi

work=$(mktemp -d /tmp/sevgate-try-XXXXXX)
# One driver for both programs, and nothing of what else they keep on this machine.
store=(--root "$work/storage" --runroot "$work/run" --storage-driver "${TRY_STORAGE_DRIVER:-overlay}")
finish() {
  local code=$? child
  trap - EXIT
  # A second signal would leave behind what is cleaned up here.
  trap '' INT TERM
  for child in $(jobs -p); do kill "$child" 2>/dev/null || true; done
  # What a build has begun goes on without it, with our folder as its root.
  for child in /proc/[0-9]*; do
    if [[ $(readlink "$child/root" 2>/dev/null) == "$work"/* ]]; then kill -KILL "${child#/proc/}" 2>/dev/null || true; fi
  done
  podman "${store[@]}" --runtime runc --cgroup-manager cgroupfs rm --all --force --time 0 >/dev/null 2>&1 || true
  # What is still mounted keeps its folder.
  { grep -o " $work/[^ ]*" /proc/mounts || true; } | sort -r | while read -r mounted; do umount -l "$mounted" || true; done
  rm -rf "$work"
  exit $code
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

since=$SECONDS
done_in() { printf '%s: %d s\n' "$1" $((SECONDS - since)); since=$SECONDS; }

rootfs=${TRY_ROOTFS:-$work/rootfs}
if [[ ! -d $rootfs/usr/bin ]]; then
  debootstrap --variant=minbase --include=ca-certificates bookworm "$rootfs" >"$work/debootstrap.log" 2>&1 || { tail -n 5 "$work/debootstrap.log" >&2; exit 77; }
fi
done_in "Debian"

# To build: Debian with Node, npm, and the authorities that this machine trusts, which a proxy may need.
build=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" copy --quiet "$build" "$rootfs" / >/dev/null
buildah "${store[@]}" copy --quiet "$build" node_modules/node/bin/node /usr/local/bin/node >/dev/null
buildah "${store[@]}" commit --quiet --format docker "$build" localhost/try-debian >/dev/null
npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
buildah "${store[@]}" copy --quiet "$build" "$npm_folder" /usr/local/lib/node_modules/npm >/dev/null
buildah "${store[@]}" copy --quiet "$build" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt >/dev/null
mounted=$(buildah "${store[@]}" mount "$build")
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$mounted/usr/local/bin/npm"
buildah "${store[@]}" umount "$build" >/dev/null
buildah "${store[@]}" config --env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$build"
buildah "${store[@]}" commit --quiet --rm --format docker "$build" localhost/try-build >/dev/null

# To run: as little as distroless has, and where it has it: the libraries of Node, authorities, time zones, one user; no shell.
mkdir -p "$work/base"/{etc/ssl/certs,home/nonroot,nodejs/bin,tmp,usr/lib,usr/lib64}
# Debian's packages call it /lib, and it is in /usr.
ln -s usr/lib "$work/base/lib"
ln -s usr/lib64 "$work/base/lib64"
cp node_modules/node/bin/node "$work/base/nodejs/bin/node"
cp "$rootfs/etc/ssl/certs/ca-certificates.crt" "$work/base/etc/ssl/certs/"
chmod 1777 "$work/base/tmp"
echo 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$work/base/etc/passwd"
echo 'nonroot:x:65532:' >"$work/base/etc/group"
for package in libc6 libgcc-s1 libstdc++6 tzdata; do
  cat "$rootfs/var/lib/dpkg/info/$package".list "$rootfs/var/lib/dpkg/info/$package":*.list 2>/dev/null || true
done | sed -E 's|^/lib|/usr/lib|; s|^/||' | sort -u | while read -r file; do
  if [[ ! -d $rootfs/$file || -L $rootfs/$file ]]; then printf '%s\n' "$file"; fi
done | grep -Ev '^usr/(share/(doc|man|locale|lintian)|s?bin)/' | tar -C "$rootfs" -cf - -T - | tar -C "$work/base" -xf -
base=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" copy --quiet "$base" "$work/base" / >/dev/null
buildah "${store[@]}" commit --quiet --rm --format docker "$base" localhost/try-base >/dev/null
done_in "bases"

# chroot: no network of its own, and no rights that a nested container would need. docker: OCI images have no HEALTHCHECK.
# The second one, on Debian with its Node in /usr/local, takes what the first has built.
for on in "sevgate localhost/try-base" "sevgate-debian localhost/try-debian"; do
  read -r name base <<<"$on"
  buildah "${store[@]}" bud --isolation chroot --format docker --pull-never --layers \
    --build-arg BUILD_BASE=localhost/try-build --build-arg BASE="$base" --build-arg REVISION="$(git rev-parse HEAD)" \
    --file Dockerfile --tag "localhost/$name" . >"$work/build.log" 2>&1 &
  # In the background, so that a signal is heard at once.
  if ! wait $!; then
    tail -n 40 "$work/build.log" >&2
    exit 1
  fi
done
done_in "image"

node_modules/.bin/node scripts/try-image.ts "$work" "${store[@]}" &
wait $!
done_in "tried"
