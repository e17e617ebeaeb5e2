/* Canaries around what a call is given that lies on the stack of a case: the WSABUF
 * structures. */
#ifndef WSPCHECK_SHIELD_H
#define WSPCHECK_SHIELD_H

#include "win.h"

#define SHIELD_BUFFERS 16
#define SHIELD_CANARY 64 /* bytes on each side */

struct shield {
    WSABUF *original; /* NULL: not shielded */
    DWORD count;
    unsigned char before[SHIELD_CANARY];
    unsigned char memory[SHIELD_BUFFERS * sizeof(WSABUF) + SHIELD_CANARY]
        __attribute__((aligned(sizeof(void *))));
};

/* What the provider is to be given in place of `buffers`: a copy, if they lie on the
 * stack of this thread and are not too many, else themselves. */
WSABUF *shield_raise(struct shield *shield, WSABUF *buffers, DWORD count);
/* After the call: what was written beside them is a finding about this function; what
 * was written into them is taken over. */
void shield_lower(struct shield *shield, const char *function);

#endif
