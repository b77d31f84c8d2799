/* Symbols of every kind for symbols.test. */
extern int needed(int);
extern int maybe(int) __attribute__((weak));
int counter = 4;
extern const char *const names[];
const char *const names[] = {"a", "b"}; /* needs relocation, but nobody writes it */
static int inner(int x) { return needed(x); }
__attribute__((weak)) int replaceable(void) { return counter; }
int entry(int x) { return inner(x) + replaceable() + (maybe ? maybe(x) : 0); }
int helper(int x) { return entry(x); }
