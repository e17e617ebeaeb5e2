#include "host_side.h"

#include "blocking_callback.h"
#include "record.h"
#include "running.h"
#include "socket_handle.h"
#include "trace.h"
#include "upcall.h"

#include "../../fixtures/include/wspcheck_fault.h"

static const struct wspcheck_fault *failing;
static bool fault_extension_is_claimed;

void claim_fault_extension(void)
{
    fault_extension_is_claimed = true;
}

void set_blocking_callback(struct spi_test *t, BOOL (*callback)(void *), void *context)
{
    (void)t;
    blocking_callback_set(callback, context);
}

unsigned blocking_callback_queries(const struct spi_test *t)
{
    (void)t;
    return blocking_callback_query_count();
}

bool asks_for_blocking_callback(const struct spi_test *t)
{
    (void)t;
    return blocking_callback_ever_asked();
}

unsigned blocking_callback_calls(const struct spi_test *t)
{
    (void)t;
    return blocking_callback_call_count();
}

unsigned upcall_count(const struct spi_test *t, const char *name)
{
    enum upcall upcall = upcall_named(name);

    (void)t;
    if (upcall == UPCALL_COUNT)
        blocked("there is no upcall %s", name);
    return upcall_calls(upcall);
}

unsigned descriptor_closes(const struct spi_test *t, SOCKET s)
{
    (void)t;
    return socket_handle_closes(s);
}

static void CALLBACK set_flag(ULONG_PTR flag)
{
    *(volatile bool *)flag = true;
}

void queue_own_apc(struct spi_test *t, volatile bool *ran)
{
    (void)t;
    if (!QueueUserAPC(set_flag, GetCurrentThread(), (ULONG_PTR)ran))
        blocked("no APC could be queued");
}

/* Asked once an entry: the table lives as long as the DLL is loaded. */
static const struct wspcheck_fault *fault_extension(struct spi_test *t)
{
    static const GUID guid = WSPCHECK_FAULT_GUID;
    struct entry *entry = t->harness->entry;
    const struct wspcheck_fault *fault = NULL;
    struct outcome asked;
    SOCKET s;

    if (entry->fault_asked)
        return entry->fault;
    s = SETUP(spi_socket(t, WSA_FLAG_OVERLAPPED)).socket;
    asked = spi_ioctl(t,
                      s,
                      SIO_GET_EXTENSION_FUNCTION_POINTER,
                      &guid,
                      sizeof guid,
                      &fault,
                      sizeof fault);
    spi_close(t, s);
    entry->fault_asked = true;
    if (!asked.failed && fault && fault->size >= sizeof *fault)
        entry->fault = fault;
    return entry->fault;
}

/* Not a `fail`: no page of Winsock's demands the extension, and what the provider would
 * do on a failed network has not been seen. It is the profile that is wrong. */
static void claim_is_unfounded(void)
{
    static const char reason[] =
        "the profile claims `faults = true`, but the provider does not offer the fault "
        "extension (fixtures/include/wspcheck_fault.h): correct the profile, or test a "
        "build that has it";

    record_contradiction("the fault extension, which the profile claims",
                         "WSPIoctl gives no table for WSPCHECK_FAULT_GUID",
                         reason);
    blocked("%s", reason);
}

void network_fails(struct spi_test *t)
{
    const struct wspcheck_fault *fault = fault_extension(t);

    if (!fault && fault_extension_is_claimed)
        claim_is_unfounded();
    if (!fault)
        blocked("the provider does not offer the fault extension "
                "(fixtures/include/wspcheck_fault.h)");
    trace_line("the network subsystem fails");
    failing = fault;
    fault->set_network_down(TRUE);
}

void network_recovers(struct spi_test *t)
{
    (void)t;
    if (!failing)
        return;
    trace_line("the network subsystem works again");
    failing->set_network_down(FALSE);
    failing = NULL;
}

void host_side_reset(void)
{
    network_recovers(NULL);
    blocking_callback_reset();
}
