# complete.bash SCRIPT WORD...: what bash offers for the last WORD, a line each, sorted.
# A word of bash ends at =, so --emit=i is the three words --emit = i.
script=$1
shift
source "$script"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_heddle
printf '%s\n' "${COMPREPLY[@]}" | sort
