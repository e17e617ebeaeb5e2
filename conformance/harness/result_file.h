/* The file of results, which a provider shall neither silence nor forge. */
#ifndef WSPCHECK_RESULT_FILE_H
#define WSPCHECK_RESULT_FILE_H

#include <stdbool.h>

#include "win.h"

#define RESULT_NONCE 64 /* bytes, with the terminating NUL */

/* false: it cannot be written. `nonces`: one a line, or NULL. Both must live on. */
bool result_file_open(const wchar_t *path, const char *nonces);

/* A handle of it, by which one can append. Another than the last time if that was
 * closed under our hands. */
HANDLE result_file(void);

/* The next nonce; false if there is none. Each is given once. */
bool result_file_nonce(char nonce[RESULT_NONCE]);

#endif
