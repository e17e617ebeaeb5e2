/* Redirects what a provider calls in ws2_32 and what only the host can answer: the
 * functions that read the catalogue, and WPUCompleteOverlappedRequest. It goes for
 * imports of any kind, by name or by ordinal, at once or delayed, and for
 * GetProcAddress, in the provider and all that is loaded because of it. */
#ifndef WSPCHECK_REDIRECTION_H
#define WSPCHECK_REDIRECTION_H

#include <stdbool.h>

/* From now on every module that is loaded and does not come with the system is
 * redirected, before its code runs. false: this system cannot tell of modules. */
bool redirection_open(void);

#endif
