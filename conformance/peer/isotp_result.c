#include "isotp_result.h"

#include <stdarg.h>
#include <stdio.h>

enum isotp_result
isotp_because(enum isotp_result result, struct isotp_why *why, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    return result;
}
