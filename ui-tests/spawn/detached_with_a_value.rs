fn main() {
    bridgehead::spawn(async { 4 }).detach();
}
