/* Calls the renamed entry: needed(20) + counter. */
int hd_needed_1(int x) { return 2 * x; }
extern int model_entry(int);
int main(void) { return model_entry(20) == 44 ? 0 : 1; }
