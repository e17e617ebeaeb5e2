#include "extension.h"

#include "fault.h"

const void *extension_find(const struct endpoint *endpoint, const GUID *id)
{
    static const GUID fault = WSPCHECK_FAULT_GUID;

    (void)endpoint;
    if (memcmp(id, &fault, sizeof fault) == 0)
        return &fault_extension;
    return NULL;
}
