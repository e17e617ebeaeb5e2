#include "thread_id.h"

#include <stdlib.h>

static DWORD slot = TLS_OUT_OF_INDEXES;
static SRWLOCK lock = SRWLOCK_INIT;

WSATHREADID *thread_id_own(void)
{
    HANDLE self = GetCurrentProcess();
    WSATHREADID *id;

    AcquireSRWLockExclusive(&lock);
    if (slot == TLS_OUT_OF_INDEXES)
        slot = TlsAlloc();
    ReleaseSRWLockExclusive(&lock);
    id = TlsGetValue(slot);
    if (id)
        return id;
    id = calloc(1, sizeof *id);
    if (!id)
        abort();
    DuplicateHandle(self,
                    GetCurrentThread(),
                    self,
                    &id->ThreadHandle,
                    0,
                    FALSE,
                    DUPLICATE_SAME_ACCESS);
    TlsSetValue(slot, id);
    return id;
}

void thread_id_release(void)
{
    WSATHREADID *id = slot == TLS_OUT_OF_INDEXES ? NULL : TlsGetValue(slot);

    if (!id)
        return;
    TlsSetValue(slot, NULL);
    CloseHandle(id->ThreadHandle);
    free(id);
}
