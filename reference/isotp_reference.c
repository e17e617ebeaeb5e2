#include "isotp.h"

#define REFERENCES 65536

static uint8_t taken[REFERENCES / 8];
static unsigned last; /* the next ones are the longest unused */

static bool is_taken(unsigned reference)
{
    return taken[reference / 8] >> (reference % 8) & 1;
}

uint16_t isotp_take_reference(void)
{
    uint16_t found = 0;

    EnterCriticalSection(&isotp_lock);
    for (unsigned i = 1; i < REFERENCES && !found; i++) {
        unsigned reference = (last + i) % REFERENCES;

        if (reference && !is_taken(reference))
            found = (uint16_t)reference;
    }
    if (found) {
        taken[found / 8] |= (uint8_t)(1 << found % 8);
        last = found;
    }
    LeaveCriticalSection(&isotp_lock);
    return found;
}

void isotp_give_reference(uint16_t reference)
{
    EnterCriticalSection(&isotp_lock);
    taken[reference / 8] &= (uint8_t) ~(1 << reference % 8);
    LeaveCriticalSection(&isotp_lock);
}
