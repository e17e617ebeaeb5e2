#include "applicability.h"

static const struct {
    DWORD flag;
    const char *name;
} flags[] = {
    {XP1_CONNECTIONLESS, "XP1_CONNECTIONLESS"},
    {XP1_GUARANTEED_DELIVERY, "XP1_GUARANTEED_DELIVERY"},
    {XP1_GUARANTEED_ORDER, "XP1_GUARANTEED_ORDER"},
    {XP1_MESSAGE_ORIENTED, "XP1_MESSAGE_ORIENTED"},
    {XP1_PSEUDO_STREAM, "XP1_PSEUDO_STREAM"},
    {XP1_GRACEFUL_CLOSE, "XP1_GRACEFUL_CLOSE"},
    {XP1_EXPEDITED_DATA, "XP1_EXPEDITED_DATA"},
    {XP1_CONNECT_DATA, "XP1_CONNECT_DATA"},
    {XP1_DISCONNECT_DATA, "XP1_DISCONNECT_DATA"},
    {XP1_SUPPORT_BROADCAST, "XP1_SUPPORT_BROADCAST"},
    {XP1_SUPPORT_MULTIPOINT, "XP1_SUPPORT_MULTIPOINT"},
    {XP1_MULTIPOINT_CONTROL_PLANE, "XP1_MULTIPOINT_CONTROL_PLANE"},
    {XP1_MULTIPOINT_DATA_PLANE, "XP1_MULTIPOINT_DATA_PLANE"},
    {XP1_QOS_SUPPORTED, "XP1_QOS_SUPPORTED"},
    {XP1_INTERRUPT, "XP1_INTERRUPT"},
    {XP1_UNI_SEND, "XP1_UNI_SEND"},
    {XP1_UNI_RECV, "XP1_UNI_RECV"},
    {XP1_IFS_HANDLES, "XP1_IFS_HANDLES"},
    {XP1_PARTIAL_MESSAGE, "XP1_PARTIAL_MESSAGE"},
};

static const struct name {
    int number;
    const char *name;
} protocols[] =
    {
        {IPPROTO_TCP, "IPPROTO_TCP"},
        {IPPROTO_UDP, "IPPROTO_UDP"},
},
  families[] = {
      {AF_INET, "AF_INET"},
      {AF_INET6, "AF_INET6"},
      {AF_ISO, "AF_ISO"},
};

static void
add_named(struct text *out, const struct name *names, size_t count, int number)
{
    for (size_t i = 0; i < count; ++i)
        if (names[i].number == number) {
            text_add(out, "%s", names[i].name);
            return;
        }
    text_add(out, "%d", number);
}

static void add_protocol(struct text *out, int protocol)
{
    add_named(out, protocols, sizeof protocols / sizeof protocols[0], protocol);
}

static void add_family(struct text *out, int family)
{
    add_named(out, families, sizeof families / sizeof families[0], family);
}

static void add_flags(struct text *out, DWORD set)
{
    const char *separator = "";

    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; ++i)
        if (set & flags[i].flag) {
            text_add(out, "%s%s", separator, flags[i].name);
            separator = ", ";
        }
}

static const char *architecture_name(enum architecture architecture)
{
    return architecture == ON_I386 ? "i386" : "x86_64";
}

static enum architecture own_architecture(void)
{
    return sizeof(void *) == 4 ? ON_I386 : ON_X86_64;
}

static enum dialect claimed_dialect = WINDOWS;
static bool windows_2000_is_claimed;

void claim_dialect(enum dialect dialect)
{
    claimed_dialect = dialect;
}

void claim_windows_2000(void)
{
    windows_2000_is_claimed = true;
}

static const char *dialect_name(enum dialect dialect)
{
    return dialect == WINDOWS_CE ? "Windows CE" : "Windows";
}

static bool right_orientation(const struct applies *applies,
                              const WSAPROTOCOL_INFOW *entry,
                              struct text *why)
{
    bool connectionless = entry->dwServiceFlags1 & XP1_CONNECTIONLESS;

    if (applies->orientation == ANY_ORIENTATION ||
        (applies->orientation == CONNECTIONLESS) == connectionless)
        return true;
    text_add(why,
             "the case is about %s entries, this one is %s",
             connectionless ? "connection-oriented" : "connectionless",
             connectionless ? "connectionless" : "connection-oriented");
    return false;
}

bool applies_to(const struct applies *applies,
                const WSAPROTOCOL_INFOW *entry,
                struct text *why)
{
    DWORD lacks = applies->has & ~entry->dwServiceFlags1;
    DWORD excess = applies->has_not & entry->dwServiceFlags1;

    if (applies->dialect != claimed_dialect) {
        text_add(why,
                 "the case is about the pages of %s, the provider follows those of %s",
                 dialect_name(applies->dialect),
                 dialect_name(claimed_dialect));
    } else if (applies->windows_2000 && !windows_2000_is_claimed) {
        text_add(why, "the provider does not claim to run on Windows 2000");
    } else if (lacks) {
        text_add(why, "the entry lacks ");
        add_flags(why, lacks);
    } else if (excess) {
        text_add(why, "the entry has ");
        add_flags(why, excess);
    } else if (!right_orientation(applies, entry, why)) {
        return false;
    } else if (applies->protocol && applies->protocol != entry->iProtocol) {
        text_add(why, "the entry's protocol is not ");
        add_protocol(why, applies->protocol);
    } else if (applies->family && applies->family != entry->iAddressFamily) {
        text_add(why, "the entry's address family is not ");
        add_family(why, applies->family);
    } else if (applies->architecture != ANY_ARCHITECTURE &&
               applies->architecture != own_architecture()) {
        text_add(why,
                 "the case is about %s, this process is %s",
                 architecture_name(applies->architecture),
                 architecture_name(own_architecture()));
    }
    return !why->size;
}

static void separate(struct text *out)
{
    if (out->size)
        text_add(out, ", ");
}

void applies_describe(const struct applies *applies, struct text *out)
{
    if (applies->orientation != ANY_ORIENTATION)
        text_add(out,
                 applies->orientation == CONNECTIONLESS ? "connectionless"
                                                        : "connection-oriented");
    if (applies->has) {
        separate(out);
        text_add(out, "with ");
        add_flags(out, applies->has);
    }
    if (applies->has_not) {
        separate(out);
        text_add(out, "without ");
        add_flags(out, applies->has_not);
    }
    if (applies->protocol) {
        separate(out);
        add_protocol(out, applies->protocol);
    }
    if (applies->family) {
        separate(out);
        add_family(out, applies->family);
    }
    if (applies->architecture != ANY_ARCHITECTURE) {
        separate(out);
        text_add(out, "on %s", architecture_name(applies->architecture));
    }
    if (applies->dialect != WINDOWS) {
        separate(out);
        text_add(out, "by the pages of %s", dialect_name(applies->dialect));
    }
    if (applies->windows_2000) {
        separate(out);
        text_add(out, "where Windows 2000 is claimed");
    }
    if (applies->version) {
        separate(out);
        text_add(
            out, "version %d.%d", LOBYTE(applies->version), HIBYTE(applies->version));
    }
    if (!out->size)
        text_add(out, "every entry");
}
