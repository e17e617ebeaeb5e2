#include "win.h"

#include "fault.h"

static volatile LONG down;

static void WSAAPI set_network_down(BOOL is_down)
{
    InterlockedExchange(&down, is_down != FALSE);
}

bool network_is_down(void)
{
    return down != 0;
}

const struct wspcheck_fault fault_extension = {
    .size = sizeof(struct wspcheck_fault),
    .set_network_down = set_network_down,
};
