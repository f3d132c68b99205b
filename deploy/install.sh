#!/usr/bin/env bash
# Makes the box start by itself at boot, as a system service under a user of its own.
#
#   sudo deploy/install.sh              install or update, then start
#   sudo deploy/install.sh --hub        the village hub too, as a service of its own (an update keeps what is there)
#   sudo deploy/install.sh --remove     stop and take the services away; models, settings and data are kept
#
# The checkout is copied to /opt/xiangyin, so that this one may be changed or deleted; models and data live in
# /var/lib/xiangyin, settings in /var/lib/xiangyin/.config/xiangyin/settings.toml, extra variables in /etc/default/xiangyin, the hub's
# options in /etc/default/xiangyin-hub.
# Meant for a machine that is the box (Raspberry Pi OS Lite, Debian without desktop): it gets a sound server of its own, and those of
# people who log in are not started any more. On a desktop the sound card belongs to the person who is logged in: see "On a desktop"
# in docs/audio.md.
#
# DESTDIR=/folder puts the units and rules below it and starts nothing; only to look at them.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${XIANGYIN_PREFIX:-/opt/xiangyin}
state=/var/lib/xiangyin
user=xiangyin
root=${DESTDIR:-}
units=$root/etc/systemd/system
unit=$units/xiangyin.service
sound_unit=$units/xiangyin-sound.service
hub_unit=$units/xiangyin-hub.service
stick_unit=$units/xiangyin-stick@.service
stick_rule=$root/etc/udev/rules.d/99-xiangyin-sticks.rules
desktop_sound=(pulseaudio.service pulseaudio.socket)

say() { printf '==> %s\n' "$*" >&2; }
die() { printf ' !! %s\n' "$*" >&2; exit 1; }

case ${1:-} in
    ''|--hub|--remove) ;;
    -h|--help) sed -n '2,16s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) die "unknown option $1 (see deploy/install.sh --help)" ;;
esac
fill() { sed -e "s|@ROOT@|$target|g" -e "s|@USER@|$user|g" -e "s|@STATE@|$state|g" "$1"; }

if [[ $root ]]; then
    [[ -z ${1:-} ]] || die "DESTDIR is only to look at what would be installed"
    target=$source
    install -d "$units" "$(dirname "$stick_rule")"
    fill "$source/deploy/xiangyin.service" >"$unit"
    fill "$source/deploy/xiangyin-sound.service" >"$sound_unit"
    fill "$source/deploy/xiangyin-hub.service" >"$hub_unit"
    fill "$source/deploy/xiangyin-stick@.service" >"$stick_unit"
    install -m 644 "$source/deploy/99-xiangyin-sticks.rules" "$stick_rule"
    exit 0
fi
((EUID == 0)) || die "run it as root:  sudo $0 ${1:-}"
command -v systemctl >/dev/null || die "this machine has no systemd; start the box with script/run instead"

if [[ ${1:-} == --remove ]]; then
    systemctl disable --now xiangyin.service || true
    if [[ -e $sound_unit ]]; then
        systemctl disable --now xiangyin-sound.service || true
        systemctl --global preset "${desktop_sound[@]}" || true
    fi
    if [[ -e $hub_unit ]]; then systemctl disable --now xiangyin-hub.service || true; fi
    systemctl stop 'xiangyin-stick@*.service' || true
    rm -f "$unit" "$sound_unit" "$hub_unit" "$stick_unit" "$stick_rule"
    systemctl daemon-reload
    if command -v udevadm >/dev/null; then udevadm control --reload; fi
    say "The services are gone. Kept: $target, $state"
    exit 0
fi

if ! id "$user" >/dev/null 2>&1; then
    say "User $user, with access to the sound card"
    useradd --system --home-dir "$state" --shell /usr/sbin/nologin --groups audio "$user"
fi
install -d -o "$user" -g "$user" -m 750 "$state"

if [[ $source != "$target" ]]; then
    [[ ! -e $target || -f $target/deploy/xiangyin.service ]] || die "$target exists and is not an installation of 乡音"
    say "Program: copying $source to $target"
    rm -rf "$target.new"
    install -d "$target.new"
    tar -C "$source" --exclude=./.venv --exclude=./.git --exclude='__pycache__' -cf - . \
        | tar -C "$target.new" --no-same-owner -xf -
    if [[ -d $target/.venv ]]; then mv "$target/.venv" "$target.new/.venv"; fi
    rm -rf "$target"   # a file that a new version no longer has must not live on
    mv "$target.new" "$target"
fi

say "System packages, Python environment and models"
# The system's own Python: one from a version manager in somebody's home is out of reach for the service's user.
PYTHON=${PYTHON:-/usr/bin/python3} XIANGYIN_MODELS=$state/models "$target/script/setup" --service
runuser -u "$user" -- "$target/.venv/bin/python" -c '' \
    || die "user $user cannot start $target/.venv/bin/python; delete $target/.venv and run this again with PYTHON=/usr/bin/python3"
chown -R "$user:$user" "$state"

say "Service"
fill "$target/deploy/xiangyin.service" >"$unit"
fill "$target/deploy/xiangyin-stick@.service" >"$stick_unit"
systemctl daemon-reload
if command -v udevadm >/dev/null; then
    say "USB sticks: mounted below /media when they are plugged in"
    install -m 644 "$target/deploy/99-xiangyin-sticks.rules" "$stick_rule"
    udevadm control --reload
    udevadm trigger --action=change --subsystem-match=block
fi
if [[ -x /usr/bin/pulseaudio ]] && ! systemctl is-active --quiet display-manager.service; then
    say "Sound server of the box's own, so that it does not hear itself"
    install -d -o "$user" -g "$user" -m 700 "$state/sound"
    fill "$target/deploy/xiangyin-sound.service" >"$sound_unit"
    systemctl daemon-reload
    systemctl --global disable "${desktop_sound[@]}" || true   # two servers would take the sound cards from each other
    systemctl enable xiangyin-sound.service
    systemctl restart xiangyin-sound.service || say "It did not start; the box will do without: journalctl -u xiangyin-sound"
    if grep -qs 'pcm.!default' /etc/asound.conf; then
        say "/etc/asound.conf leads past the sound server: move it away, or the box will hear itself"
    fi
fi
if [[ ${1:-} == --hub || -e $hub_unit ]]; then
    say "The village hub"
    if [[ ! -e /etc/default/xiangyin-hub ]]; then
        printf '%s\n' "# What xiangyin hub is started with; see docs/hub.md." \
            'XIANGYIN_HUB_OPTIONS="--host 0.0.0.0 --port 8730"' >/etc/default/xiangyin-hub
    fi
    fill "$target/deploy/xiangyin-hub.service" >"$hub_unit"
    systemctl daemon-reload
    systemctl enable xiangyin-hub.service
    systemctl restart xiangyin-hub.service
    say "Its address, and the code for the first visit:    journalctl -u xiangyin-hub"
    say 'For the box of this machine: [hub] url = "http://127.0.0.1:8730" in its settings'
fi
systemctl enable xiangyin.service
systemctl restart xiangyin.service
say "Started. What it says:    journalctl -u xiangyin -f"
say "What is wrong, if so:     sudo -u $user env HOME=$state XIANGYIN_MODELS=$state/models XIANGYIN_DATA=$state/data PULSE_SERVER=unix:/run/xiangyin-sound/native $target/.venv/bin/xiangyin doctor"
