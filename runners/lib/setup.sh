# Set-up for the commands in runners/: sourced by them, never run by itself. Needs
# nothing but a Debian 12 with apt; a second start finds everything done.
#
# After `setup run` or `setup test`: the packages are installed, build/wine-prefix is a
# Wine prefix of our own, build/windows-x86_64/bin holds the programs, unless
# WSPCHECK_BIN names others. After `setup_programs` there are those for 32 bit too, and
# no Wine is needed. A failure ends the script with exit code 2, with the reason on
# stderr.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build
stamps=$build/stamps
logs=$build/log
python=/usr/bin/python3

run_packages=(
    wine64 gcc-mingw-w64-x86-64-win32 cmake ninja-build dpkg-dev iproute2
    python3 python3-typer python3-rich python3-jinja2 python3-junitparser
    python3-pytest python3-tomli-w tshark
)
build_packages=(
    gcc-mingw-w64-x86-64-win32 gcc-mingw-w64-i686-win32 cmake ninja-build dpkg-dev
    python3
)
test_packages=(
    "${run_packages[@]}"
    gcc-mingw-w64-i686-win32 gcc libc6-dev libcunit1-dev clang clang-format
    libclang-rt-14-dev gcovr
    python3-hypothesis python3-jsonschema python3-pytest-xdist python3-scapy
    python3-selenium python3-yaml chromium chromium-driver black flake8 mypy
)
# Whoever has npm from elsewhere keeps it; offline its test is skipped.
[[ ${WSPCHECK_OFFLINE:-} == 1 ]] || command -v npm >/dev/null ||
    test_packages+=(nodejs npm)

say() {
    echo "set-up: $*" >&2
}

die() {
    say "$*"
    exit 2
}

# logged NAME COMMAND...: output goes to a log; of a failure its last lines are shown.
# The command is a condition here, in which bash ignores `set -e`: what is logged joins
# its commands by && itself.
logged() {
    local log=$logs/$1.log
    shift
    if ! "$@" >"$log" 2>&1 </dev/null 9>&-; then
        tail -n 20 "$log" >&2
        die "failed: $* (whole log: $log)"
    fi
}

is_offline() {
    [[ ${WSPCHECK_OFFLINE:-} == 1 ]]
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    else
        sudo "$@"
    fi
}

missing_packages() {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p' | sort -u |
        comm -13 - <(printf '%s\n' "$@" | sort -u)
}

# The stamp holds the list that was found complete; it counts until dpkg changes
# anything.
packages_are_known() {
    local stamp=$stamps/packages
    [[ -e $stamp && ! /var/lib/dpkg/status -nt $stamp && " $(<"$stamp") " == *" $* "* ]]
}

install_packages() {
    command -v apt-get >/dev/null || die "needs apt-get to install: $*"
    [[ $EUID -eq 0 ]] || command -v sudo >/dev/null ||
        die "neither root nor sudo; to be installed: $*"
    say "installing $# packages: $*"
    logged apt-update as_root apt-get -q -o DPkg::Lock::Timeout=600 update
    logged apt-install as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy \
        -o DPkg::Lock::Timeout=600 install --no-install-recommends "$@"
}

setup_packages() {
    local missing
    packages_are_known "$@" && return
    mapfile -t missing < <(missing_packages "$@")
    if ((${#missing[@]})); then
        if is_offline; then
            wanting+=("packages: ${missing[*]}")
            return
        fi
        install_packages "${missing[@]}"
    fi
    echo "$*" >"$stamps/packages"
}

# apt-get over a list of source packages and folders of our own: the machine's lists
# and cache stay as they are, and no root is needed.
source_apt_get() {
    apt-get -q -o Dir::Etc::sourcelist="$build/apt/sources.list" \
        -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$build/apt/lists" \
        -o Dir::Cache="$build/apt/cache" -o APT::Sandbox::User= "$@"
}

unpack_cunit() (
    . /etc/os-release
    rm -rf "$build/cunit-src" "$build/apt"
    mkdir -p "$build/apt/lists/partial" "$build/apt/cache/archives/partial"
    cd "$build/apt" || return
    # An entry of somebody else's may have no sources: only the last two must succeed.
    "$python" "$root/runners/lib/source_list.py" /etc/apt "$VERSION_CODENAME" \
        >sources.list
    source_apt_get update
    source_apt_get source --only-source --download-only cunit &&
        dpkg-source --no-check -x cunit_*.dsc unpacked &&
        mv unpacked "$build/cunit-src"
)

setup_cunit() {
    [[ -e $stamps/cunit ]] && return
    if is_offline; then
        wanting+=("the source of CUnit in build/cunit-src (apt-get source cunit)")
        return
    fi
    say "fetching the source of CUnit"
    logged cunit unpack_cunit
    touch "$stamps/cunit"
}

# No menu entries, no offers to install Mono or Gecko, no display.
wine_environment() {
    export WINEPREFIX=$build/wine-prefix
    export WINEDEBUG=-all
    export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d"
    unset DISPLAY WAYLAND_DISPLAY
}

make_prefix() (
    wine_environment
    rm -rf "$WINEPREFIX"
    # Waiting lets the server end by itself: a prefix whose server is killed here takes
    # longer at every later start (600 instead of 450 ms).
    /usr/lib/wine/wine64 wineboot -i &&
        timeout 60 /usr/lib/wine/wineserver64 -w
)

setup_prefix() {
    [[ -e $stamps/wine-prefix && -e $build/wine-prefix/system.reg ]] && return
    say "making a Wine prefix"
    logged wine-prefix make_prefix
    touch "$stamps/wine-prefix"
}

# build_preset PRESET: configures when needed and builds.
build_preset() {
    local folder=$build/$1
    if [[ ! -e $folder/build.ninja || $root/CMakePresets.json -nt $folder/build.ninja ]]
    then
        (cd "$root" && cmake --preset "$1") && touch "$folder/build.ninja" || return
    fi
    ninja -C "$folder"
}

setup_build() {
    local bin=$build/windows-x86_64/bin
    [[ -e $bin/wspcheck.exe ]] || say "building (windows-x86_64)"
    logged build-windows-x86_64 build_preset windows-x86_64
}

# Wine 10 comes with Debian 13: a folder with that system, made by debootstrap from the
# archive that this machine's APT has its packages from, with its 32-bit half.
make_debian13() (
    local archive folder=$build/debian13
    . /etc/os-release
    archive=$("$python" "$root/runners/lib/source_list.py" /etc/apt \
        "$VERSION_CODENAME" --archive | head -n 1)
    [[ $archive ]] || die "no entry of APT offers $VERSION_CODENAME"
    as_root rm -rf "$folder"
    as_root debootstrap --variant=minbase --include=ca-certificates trixie "$folder" \
        "$archive" || return
    apt-config dump Acquire | as_root tee "$folder/etc/apt/apt.conf.d/50acquire" \
        >/dev/null
    as_root chroot "$folder" dpkg --add-architecture i386 &&
        as_root chroot "$folder" apt-get -q update &&
        as_root chroot "$folder" env DEBIAN_FRONTEND=noninteractive apt-get -qy install \
            --no-install-recommends wine wine64 wine32:i386 &&
        as_root chroot "$folder" apt-get -q clean
)

# with_debian13 COMMAND...: as the runner does it (runners/wspcheck_runner/network.py).
with_debian13() {
    local make=(unshare --mount)
    ((EUID == 0)) || make=(unshare --map-root-user --mount)
    "${make[@]}" sh -c 'mount --bind "$0/usr" /usr &&
        mount --bind "$0/etc/ld.so.cache" /etc/ld.so.cache && exec "$@"' \
        "$build/debian13" "$@"
}

make_prefix10() (
    wine_environment
    export WINEPREFIX=$build/wine10-prefix
    rm -rf "$WINEPREFIX"
    with_debian13 /usr/lib/wine/wine64 wineboot -i &&
        with_debian13 timeout 60 /usr/lib/wine/wineserver64 -w
)

setup_wine10() {
    if [[ ! -e $stamps/debian13 ]]; then
        ! is_offline || die "WSPCHECK_OFFLINE=1, and missing: build/debian13"
        say "making a Debian 13 with Wine 10 in build/debian13"
        logged debian13 make_debian13
        touch "$stamps/debian13"
    fi
    if [[ ! -e $stamps/wine10-prefix || ! -e $build/wine10-prefix/system.reg ]]; then
        say "making a prefix of Wine 10"
        logged wine10-prefix make_prefix10
        touch "$stamps/wine10-prefix"
    fi
}

setup_build_i686() {
    [[ -e $build/windows-i686/bin/wspcheck.exe ]] || say "building (windows-i686)"
    logged build-windows-i686 build_preset windows-i686
}

# hosts_of ARGUMENT...: the values of the option --host.
hosts_of() {
    while (($#)); do
        case $1 in
        --host) echo "${2:-}" ;;
        --host=*) echo "${1#--host=}" ;;
        esac
        shift
    done
}

# setup_hosts ARGUMENT...: what the hosts need that are named by --host.
setup_hosts() {
    local wanted missing packages=(debootstrap)
    wanted=" $(hosts_of "$@" | tr '\n' ' ')"
    [[ $wanted == *" wine10"* || $wanted == *" all "* ]] || return 0
    [[ $wanted != *" wine10-32 "* && $wanted != *" all "* ]] ||
        packages+=(gcc-mingw-w64-i686-win32)
    exec 9>"$build/setup.lock"
    flock 9
    mapfile -t missing < <(missing_packages "${packages[@]}")
    if ((${#missing[@]})); then
        ! is_offline || die "WSPCHECK_OFFLINE=1, and missing: packages: ${missing[*]}"
        install_packages "${missing[@]}"
    fi
    setup_wine10
    ((${#packages[@]} == 1)) || setup_build_i686
    exec 9>&-
}

setup_programs() {
    local wanting=()
    begin_setup
    setup_packages "${build_packages[@]}"
    setup_cunit
    refuse_if_wanting
    setup_build
    setup_build_i686
    exec 9>&-
}

begin_setup() {
    mkdir -p "$stamps" "$logs"
    exec 9>"$build/setup.lock"
    flock 9
}

refuse_if_wanting() {
    ((${#wanting[@]} == 0)) || die "WSPCHECK_OFFLINE=1, and missing: ${wanting[*]}"
}

# Whether nothing is to be built, since programs built elsewhere are named.
brings_programs() {
    [[ $1 == run && -n ${WSPCHECK_BIN:-} ]]
}

setup() {
    local -n packages=$1_packages
    local wanting=()
    begin_setup
    setup_packages "${packages[@]}"
    brings_programs "$1" || setup_cunit
    refuse_if_wanting
    setup_prefix &
    local prefix=$!
    brings_programs "$1" || setup_build
    wait "$prefix" || exit 2
    exec 9>&-
}
