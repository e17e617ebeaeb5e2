#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES 64 /* of one provider */

/* Ids are given from here on, where the user does not. */
#define FIRST_ID 1001

struct provider {
    const wchar_t *path;
    struct entry *entries;
    size_t count;
    WSAPROTOCOL_INFOW hidden; /* the layer's own entry; not for a base */
    bool told_guid;
};

/* From the provider under test to the base. The chain of a layered entry, which holds
 * one id for each of them, is limited to MAX_PROTOCOL_CHAIN. */
static struct provider providers[MAX_PROTOCOL_CHAIN];
static size_t below;
static WSAPROTOCOL_INFOW *listed;
static size_t listed_count;

static bool is_layer(const struct provider *provider)
{
    return provider < providers + below;
}

bool catalogue_add_below(const wchar_t *path, struct text *why)
{
    struct provider *added = &providers[below + 1];

    if (below + 1 == MAX_PROTOCOL_CHAIN) {
        text_add(why, "a chain has at most %d providers", MAX_PROTOCOL_CHAIN);
        return false;
    }
    added->entries = calloc(ENTRIES, sizeof *added->entries);
    if (!added->entries)
        abort();
    added->path = path;
    ++below;
    return true;
}

bool catalogue_has_below(void)
{
    return below;
}

bool catalogue_set_guid(const char *guid, struct text *why)
{
    struct provider *provider = &providers[below];

    provider->told_guid = entry_parse_guid(guid, &provider->hidden.ProviderId);
    if (!provider->told_guid)
        text_add(why, "--guid: `%s` is not of the form {01234567-89ab-...}", guid);
    return provider->told_guid;
}

bool catalogue_add_entry(const char *spec, struct text *why)
{
    struct provider *provider = &providers[below];

    if (provider->count == ENTRIES) {
        text_add(why, "more than %d entries", ENTRIES);
        return false;
    }
    return entry_parse(&provider->entries[provider->count++], spec, why);
}

/* --- Ids -------------------------------------------------------------------------- */

static bool is_taken(DWORD id)
{
    for (size_t i = 0; i <= below; ++i) {
        if (providers[i].hidden.dwCatalogEntryId == id)
            return true;
        for (size_t j = 0; j < providers[i].count; ++j)
            if (providers[i].entries[j].info.dwCatalogEntryId == id)
                return true;
    }
    return false;
}

static DWORD free_id(void)
{
    DWORD id = FIRST_ID;

    while (is_taken(id))
        ++id;
    return id;
}

/* A ProviderId that no other provider has, as long as there is none of this kind in
 * the real catalogue; `number` tells ours apart. */
static GUID own_guid(unsigned number)
{
    GUID guid = {
        0x5b1f6c70, 0x3e0a, 0x4d9e, {0x9c, 0x27, 0x6d, 0x1e, 0x20, 0x8a, 0x00, 0x00}};

    guid.Data4[6] = (unsigned char)(number >> 8);
    guid.Data4[7] = (unsigned char)number;
    return guid;
}

static bool is_same_guid(const GUID *a, const GUID *b)
{
    return !memcmp(a, b, sizeof *a);
}

static bool has_guid(const WSAPROTOCOL_INFOW *info)
{
    static const GUID none;

    return !is_same_guid(&info->ProviderId, &none);
}

static void give_guid(WSAPROTOCOL_INFOW *info)
{
    static unsigned number;

    if (!has_guid(info))
        info->ProviderId = own_guid(++number);
}

/* Ids the user gave may not occur twice; those that he did not are made up. */
static bool give_ids(struct text *why)
{
    for (size_t i = 0; i <= below; ++i)
        for (size_t j = 0; j < providers[i].count; ++j) {
            WSAPROTOCOL_INFOW *info = &providers[i].entries[j].info;
            DWORD id = info->dwCatalogEntryId;

            info->dwCatalogEntryId = 0;
            if (id && is_taken(id)) {
                text_add(why, "two entries have the catalogue id %lu", id);
                return false;
            }
            info->dwCatalogEntryId = id;
        }
    for (size_t i = 0; i <= below; ++i) {
        for (size_t j = 0; j < providers[i].count; ++j)
            if (!providers[i].entries[j].info.dwCatalogEntryId)
                providers[i].entries[j].info.dwCatalogEntryId = free_id();
        if (is_layer(&providers[i]))
            providers[i].hidden.dwCatalogEntryId = free_id();
    }
    return true;
}

/* --- Chains ----------------------------------------------------------------------- */

static const struct entry *find(const struct provider *provider, const char *id)
{
    for (size_t i = 0; i < provider->count; ++i)
        if (!strcmp(provider->entries[i].id, id))
            return &provider->entries[i];
    return NULL;
}

/* What the provider above has, without what belongs to that one alone. */
static void inherit_entries(struct provider *provider, const struct provider *above)
{
    for (; provider->count < above->count; ++provider->count) {
        struct entry *entry = &provider->entries[provider->count];

        *entry = above->entries[provider->count];
        entry->info.dwCatalogEntryId = 0;
        memset(&entry->info.ProviderId, 0, sizeof entry->info.ProviderId);
    }
}

/* The chain of a layered entry: the layer's hidden entry, then the chain below. It is
 * never longer than there are providers. */
static void chain(WSAPROTOCOLCHAIN *to, DWORD hidden, const WSAPROTOCOLCHAIN *lower)
{
    to->ChainLen = lower->ChainLen + 1;
    to->ChainEntries[0] = hidden;
    memcpy(to->ChainEntries + 1,
           lower->ChainEntries,
           (size_t)lower->ChainLen * sizeof lower->ChainEntries[0]);
}

/* A layer's own entry: it stands for no protocol, and its chain is empty. */
static void hide(struct provider *layer)
{
    WSAPROTOCOL_INFOW *hidden = &layer->hidden;
    GUID guid = hidden->ProviderId;
    DWORD id = hidden->dwCatalogEntryId;

    *hidden = layer->entries[0].info;
    hidden->ProviderId = guid;
    hidden->dwCatalogEntryId = id;
    hidden->dwProviderFlags = PFL_HIDDEN;
    hidden->ProtocolChain = (WSAPROTOCOLCHAIN){.ChainLen = LAYERED_PROTOCOL};
    wcscpy(hidden->szProtocol, L"a layer under test");
    give_guid(hidden);
}

static bool build_layer(struct provider *layer, struct text *why)
{
    for (size_t i = 0; i < layer->count; ++i) {
        struct entry *entry = &layer->entries[i];
        const struct entry *lower = find(layer + 1, entry->id);

        if (!lower) {
            text_add(why, "%ls has no entry %s to be below", layer[1].path, entry->id);
            return false;
        }
        chain(&entry->info.ProtocolChain,
              layer->hidden.dwCatalogEntryId,
              &lower->info.ProtocolChain);
        /* As by WSCInstallProviderAndChains, it has a ProviderId to itself. */
        give_guid(&entry->info);
    }
    hide(layer);
    return true;
}

static void build_base(struct provider *base)
{
    WSAPROTOCOL_INFOW shared = {0};

    give_guid(&shared);
    for (size_t i = 0; i < base->count; ++i) {
        WSAPROTOCOL_INFOW *info = &base->entries[i].info;

        if (!has_guid(info))
            info->ProviderId = shared.ProviderId;
        info->ProtocolChain = (WSAPROTOCOLCHAIN){
            .ChainLen = BASE_PROTOCOL, .ChainEntries = {info->dwCatalogEntryId}};
    }
}

/* The newest layer's chains come first, as after its installation; then what was there
 * before it, and what nobody is to choose last. */
static void list(void)
{
    size_t count = below;

    for (size_t i = 0; i <= below; ++i)
        count += providers[i].count;
    listed = calloc(count, sizeof *listed);
    if (!listed)
        abort();
    for (size_t i = 0; i <= below; ++i)
        for (size_t j = 0; j < providers[i].count; ++j)
            listed[listed_count++] = providers[i].entries[j].info;
    for (size_t i = 0; i < below; ++i)
        listed[listed_count++] = providers[i].hidden;
}

bool catalogue_build(struct entry *entries,
                     size_t count,
                     const wchar_t *path,
                     struct text *why)
{
    bool built = true;

    providers[0].entries = entries;
    providers[0].count = count;
    providers[0].path = path;
    for (size_t i = 1; i <= below; ++i)
        if (!providers[i].count)
            inherit_entries(&providers[i], &providers[i - 1]);
    if (!give_ids(why))
        return false;
    build_base(&providers[below]);
    for (size_t i = below; i-- > 0 && built;)
        built = build_layer(&providers[i], why);
    list();
    return built;
}

/* --- Questions -------------------------------------------------------------------- */

void catalogue_identify(const GUID *provider)
{
    if (!below || providers[0].told_guid)
        return;
    for (size_t i = 0; i < listed_count; ++i)
        if (listed[i].dwCatalogEntryId == providers[0].hidden.dwCatalogEntryId)
            listed[i].ProviderId = *provider;
    providers[0].hidden.ProviderId = *provider;
}

bool catalogue_knows(DWORD id)
{
    return id && is_taken(id);
}

static bool is_of(const struct provider *provider, const GUID *guid)
{
    if (is_layer(provider) && is_same_guid(&provider->hidden.ProviderId, guid))
        return true;
    for (size_t i = 0; i < provider->count; ++i)
        if (is_same_guid(&provider->entries[i].info.ProviderId, guid))
            return true;
    return false;
}

const wchar_t *catalogue_path(const GUID *provider)
{
    for (size_t i = 0; i <= below; ++i)
        if (is_of(&providers[i], provider))
            return providers[i].path;
    return NULL;
}

bool catalogue_has_path(const wchar_t *path, size_t length)
{
    for (size_t i = 0; i <= below; ++i)
        if (wcslen(providers[i].path) == length &&
            !_wcsnicmp(providers[i].path, path, length))
            return true;
    return false;
}

const WSAPROTOCOL_INFOW *catalogue_entries(size_t *count)
{
    *count = listed_count;
    return listed;
}

int catalogue_copy_path(const GUID *provider, wchar_t *path, int *length)
{
    const wchar_t *found;
    int needed, room;

    if (!provider || !path || !length)
        return WSAEFAULT;
    found = catalogue_path(provider);
    if (!found)
        return WSAEINVAL;
    needed = (int)wcslen(found) + 1;
    room = *length;
    *length = needed;
    if (room < needed)
        return WSAEFAULT;
    wcscpy(path, found);
    return 0;
}
