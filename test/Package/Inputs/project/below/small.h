#include "small_file.h"
