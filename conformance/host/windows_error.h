/* Windows' own error messages. */
#ifndef WSPCHECK_WINDOWS_ERROR_H
#define WSPCHECK_WINDOWS_ERROR_H

#include "text.h"
#include "win.h"

/* Adds "Module not found (Windows error 126)" or the like, on one line; `subject` is
 * what the message may name. */
void windows_error_add(struct text *out, DWORD error, const wchar_t *subject);

#endif
