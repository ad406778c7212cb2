#!/bin/sh
# Install, without a network and beside this file, what is not installed yet; then serve.
#   ./start.sh                serves the sample town at http://127.0.0.1:8000
#   ./start.sh -w DIR ...     every option goes to `fengqiao serve`
#   ./start.sh --install      installs and ends
#   PYTHON=/path/python3.11 ./start.sh   takes this Python
set -eu
here=$(dirname "$(readlink -f "$0")")
venv="$here/.venv"
mark="$venv/complete"

say() { printf '%s\n%s\n' "$1" "$2" >&2; }
fail() { say "$1" "$2"; exit 1; }

# Prints what a Python is; a name that stands for none prints nothing.
kind_of() {
    "$1" -I -c 'import sys, platform as p, sysconfig as s
v = "%d.%d" % sys.version_info[:2]
ok = sys.implementation.name == "cpython" and s.get_platform() == "linux-x86_64"
print(v if ok else "other", p.libc_ver()[1] if p.libc_ver()[0] == "glibc" else "none")' 2>/dev/null || true
}

find_python() {
    for name in ${PYTHON:-} $(printf 'python%s ' @PYTHONS@) python3; do
        for known in @PYTHONS@; do
            found=$(kind_of "$name")
            if [ "${found% *}" = "$known" ]; then python=$name glibc=${found#* }; return; fi
        done
    done
    fail "找不到 x86_64 Linux 的 Python（需要版本：@PYTHONS@）；可用 PYTHON=路径 指定。" \
         "No Python for Linux on x86_64 was found (of version @PYTHONS@); name one with PYTHON=PATH."
}

# What the environment was made from, and where: one that was moved does not work.
whole() { echo "$here"; sha256sum <"$here/SHA256SUMS"; }
installed() {
    [ -f "$mark" ] && [ "$(cat "$mark")" = "$(whole)" ] && "$venv/bin/python" -I -c '' 2>/dev/null
}

install() {
    [ -w "$here" ] || fail "无权写入 $here：请以其所有者身份运行 $here/start.sh --install。" \
                           "$here cannot be written to: run $here/start.sh --install as its owner."
    exec 9>"$here/.lock"
    if command -v flock >/dev/null; then flock 9; fi
    if installed; then return; fi
    find_python
    case $glibc in none) glibc=0.0 ;; esac
    [ "$(printf '%s\n%s\n' @GLIBC@ "$glibc" | sort -V | head -n 1)" = @GLIBC@ ] ||
        fail "系统的 glibc 太旧（$glibc）：需要 @GLIBC@ 或更新。" \
             "The C library is too old ($glibc): glibc @GLIBC@ or newer is needed."
    say "正在核对文件……" "Checking the files ..."
    (cd "$here" && sha256sum --check --quiet --strict SHA256SUMS >&2) ||
        fail "文件已损坏或被改动：请重新解压安装包。" \
             "Files are damaged or were changed: unpack the archive anew."
    say "正在离线安装，约一两分钟……" "Installing without a network, a minute or two ..."
    rm -rf "$venv"
    "$python" -I -m venv --without-pip "$venv" ||
        fail "Python 缺少 venv 模块（Debian：python3-venv）。" \
             "This Python lacks the module venv (Debian: python3-venv)."
    put -r "$here/requirements/run.txt"
    put --no-deps -r "$here/requirements/demo.txt"
    put --no-deps -r "$here/requirements/own.txt"
    whole >"$mark"
    say "安装完成：$here/fengqiao" "Installed: $here/fengqiao"
}

# pip out of its wheel, so that the system needs to bring none; it reads no settings and no index.
put() {
    PIP_CONFIG_FILE=/dev/null PYTHONPATH=$(echo "$here"/wheels/pip-*.whl) \
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir \
        --no-index --find-links "$here/wheels" --only-binary :all: --require-hashes "$@" ||
        fail "安装失败，原因见上。" "The installation failed; what is above says why."
}

if ! installed; then install; fi
if [ "${1:-}" = --install ]; then exit 0; fi

named=${FENGQIAO_WORKSPACE:-}
for word in "$@"; do
    case $word in -w* | --workspace | --workspace=*) named=1 ;; esac
done
if [ -z "$named" ]; then
    if [ ! -e "$here/town" ]; then
        rm -rf "$here/town.part"
        cp -R "$here/sample" "$here/town.part"
        mv "$here/town.part" "$here/town"
    fi
    say "示例数据；使用自己的数据：./start.sh -w 目录" \
        "The sample town, made-up data. Your own: ./start.sh -w DIR"
    FENGQIAO_WORKSPACE="$here/town"
    export FENGQIAO_WORKSPACE
fi
exec "$here/fengqiao" serve "$@"
