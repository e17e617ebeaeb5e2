#include "fault_probe.h"

/* Reads a byte; a function of its own, so that whoever handles its fault by a return,
 * or by leaving the instruction out, gets along. */
int probe_read(const volatile void *at) __asm__("probe_read");
extern const char probe_read_end[] __asm__("probe_read_end");

#if defined(_WIN64)
__asm__("    .text\n"
        "probe_read:\n"
        "    xorl %eax, %eax\n"
        "    movb (%rcx), %al\n"
        "probe_read_end:\n"
        "    ret\n");
#define INSTRUCTION(context) ((context)->Rip)
#else
__asm__("    .text\n"
        "probe_read:\n"
        "    movl 4(%esp), %ecx\n"
        "    xorl %eax, %eax\n"
        "    movb (%ecx), %al\n"
        "probe_read_end:\n"
        "    ret\n");
#define INSTRUCTION(context) ((context)->Eip)
#endif

static volatile bool seen;

bool fault_probe_is_seen(void)
{
    static void *nothing;

    if (!nothing)
        nothing = VirtualAlloc(NULL, 1, MEM_RESERVE, PAGE_NOACCESS);
    seen = false;
    probe_read(nothing);
    return seen;
}

bool fault_probe_takes(const EXCEPTION_POINTERS *pointers)
{
    size_t at = (size_t)INSTRUCTION(pointers->ContextRecord);

    if (at < (size_t)(void *)probe_read || at >= (size_t)probe_read_end)
        return false;
    seen = true;
    INSTRUCTION(pointers->ContextRecord) = (size_t)probe_read_end;
    return true;
}
